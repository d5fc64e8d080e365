"""What the client measured."""

import asyncio

from livekit.rtc import stats


async def pair(room):
    """Waits until a pair of addresses carries data; over one connection the publisher's."""
    while True:
        figures = await room.get_rtc_stats()
        for figure in figures.publisher_stats:
            if figure.HasField("candidate_pair"):
                chosen = figure.candidate_pair.candidate_pair
                if chosen.nominated and chosen.packets_sent:
                    return {
                        "local": address(figures.publisher_stats, "local", chosen.local_candidate_id),
                        "remote": address(figures.publisher_stats, "remote", chosen.remote_candidate_id),
                    }
        # Figures are asked for; no event tells of them.
        await asyncio.sleep(0.05)


def address(figures, side, wanted):
    for figure in figures:
        if figure.HasField(f"{side}_candidate"):
            found = getattr(figure, f"{side}_candidate")
            if found.rtc.id == wanted:
                candidate = found.candidate
                return {
                    "address": f"{candidate.address}:{candidate.port}",
                    "protocol": candidate.protocol,
                    "kind": stats.IceCandidateType.Name(candidate.candidate_type),
                }
    raise LookupError(f"no {side} candidate {wanted}")
