"""Asks Qdrant's own Python client, in its local mode, what the double was asked.

Reads {"dimension", "points", "queries"} from the standard input and writes, for each query, the ids and
scores it finds, best first.
"""

import json
import sys

from qdrant_client import QdrantClient, models

COLLECTION = "compared"


def condition(asked):
    if "ids" in asked:
        return models.HasIdCondition(has_id=asked["ids"])
    if "any" in asked:
        return models.FieldCondition(key=asked["key"], match=models.MatchAny(any=asked["any"]))
    span = models.Range(gte=asked["gte"], lte=asked["lte"])
    return models.FieldCondition(key=asked["key"], range=span)


def main():
    data = json.load(sys.stdin)
    client = QdrantClient(":memory:")
    client.create_collection(
        COLLECTION,
        vectors_config={
            "dense": models.VectorParams(size=data["dimension"], distance=models.Distance.COSINE)
        },
        sparse_vectors_config={"words": models.SparseVectorParams(modifier=models.Modifier.IDF)},
    )
    points = []
    for point in data["points"]:
        vectors = {"words": models.SparseVector(**point["words"])}
        if point["dense"] is not None:
            vectors["dense"] = point["dense"]
        points.append(models.PointStruct(id=point["id"], vector=vectors, payload=point["payload"]))
    client.upsert(COLLECTION, points)
    answers = []
    for query in data["queries"]:
        asked = query["query"]
        found = client.query_points(
            COLLECTION,
            query=models.SparseVector(**asked) if isinstance(asked, dict) else asked,
            using=query["using"],
            query_filter=models.Filter(must=[condition(one) for one in query["must"]]),
            limit=query["limit"],
        )
        answers.append([[point.id, point.score] for point in found.points])
    json.dump(answers, sys.stdout)


main()
