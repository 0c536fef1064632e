#pragma once

#include <span>

#include "apps/view/context.h"
#include "apps/view/input/event.h"

namespace fleet::view {

/// A line of the help.
struct KeyHelp {
  const char* keys;
  const char* what;
};

/// What keys do, apart from those that switch what is drawn.
std::span<const KeyHelp> key_help();

/// Does what a key stands for, as in MuJoCo's simulate.
void handle_key(const Event& event, Context& context);

}  // namespace fleet::view
