#pragma once

#include <cstdint>

namespace fleet::view {

/// What a hand did to keyboard or mouse. Codes and modifiers are GLFW's; positions are in the
/// window's coordinates, from its top left corner.
struct Event {
  enum class Kind : std::uint8_t { kKey, kButton, kCursor, kScroll };

  Kind kind = Kind::kKey;
  int code = 0;          ///< of a key or a mouse button
  bool is_down = false;  ///< of a key or a mouse button
  int modifiers = 0;
  double x = 0.0;  ///< of the cursor, or scrolled
  double y = 0.0;
};

}  // namespace fleet::view
