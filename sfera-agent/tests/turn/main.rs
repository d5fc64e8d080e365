//! What the turn machine does, as scripts: one module for each group of behaviour.

#![allow(clippy::expect_used)]

mod commands;
mod consent;
mod endpointing;
mod failures;
mod interruption;
mod preemptive;
mod replies;
mod script;
mod tools;
