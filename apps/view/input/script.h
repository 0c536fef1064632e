#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/view/input/event.h"

namespace fleet::view {

// A script is what hands do to the viewer, for tests and for pictures in documents. A line each:
//
//   FRAME key NAME        press and release a key: space, right, f1, ctrl+q, a ...
//   FRAME down NAME       press a key                FRAME up NAME       release it
//   FRAME move X Y        the cursor, in the window's coordinates
//   FRAME press BUTTON    left, right, middle; also ctrl+left ...
//   FRAME release BUTTON
//   FRAME scroll N        wheel clicks, away from the user
//   FRAME click LABEL     press and release the left button on what is labelled so
//   FRAME shot FILE.png   save the window as it is at the end of the frame

/// One line of a script.
struct ScriptLine {
  enum class Kind : std::uint8_t { kEvent, kClick, kShot };

  std::int64_t frame = 0;
  Kind kind = Kind::kEvent;
  Event event;       ///< of kEvent
  std::string text;  ///< a label, or a file
  int line = 0;      ///< in the file, from 1
};

/// Reads a script. Lines come in the order of their frames; what is pressed by `key` is released a
/// frame later. @throws files::FileError naming the line
std::vector<ScriptLine> load_script(const std::string& file);

}  // namespace fleet::view
