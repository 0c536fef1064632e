#pragma once

#include <optional>
#include <string>

#include "apps/view/input/event.h"

namespace fleet::view {

/// Where the GUI's widgets are, by their label: what a script clicks on. Dear ImGui reports them to
/// its test engine, which this stands in for.
class Widgets {
 public:
  /// From now on, widgets are reported. Costs a little in each frame.
  static void watch();

  /// A cursor position in the middle of a widget of the last frame; nullopt: there was none.
  static std::optional<Event> find(const std::string& label);

  /// To be called before each frame.
  static void forget();
};

}  // namespace fleet::view
