//! What the user hears: a bounded queue of segments with a playhead that can be paused, resumed from
//! the same sample, and cleared.
