#pragma once

namespace fleet {

/// From now on SIGINT and SIGTERM ask for an orderly end; a second one ends the program at once.
void catch_interrupts();

/// Whether one was asked for.
bool is_interrupted();

}  // namespace fleet
