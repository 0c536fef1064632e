#pragma once

namespace fleet {

/// From now on SIGINT, SIGTERM and SIGHUP ask for an orderly end; a second of the first two ends
/// the program at once. Under nohup, SIGHUP stays ignored.
void catch_interrupts();

/// From now on a pipe whose reader has gone is an error of the write, not the end of the program.
void ignore_lost_readers();

/// Whether one was asked for.
bool is_interrupted();

}  // namespace fleet
