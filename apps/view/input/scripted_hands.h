#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "apps/view/input/script.h"
#include "apps/view/window.h"

namespace fleet::view {

/// Hands that do what a script says: what they do is injected into the window, as if a user did it.
class ScriptedHands {
 public:
  /// @param file "" for hands that do nothing  @throws files::FileError in one line
  explicit ScriptedHands(const std::string& file);

  /// What is due in a frame. @param shots takes the files for pictures of it
  /// @throws files::FileError if the script clicks on what is not there
  void play(std::int64_t frame, Window& window, std::vector<std::string>& shots);

 private:
  void click(const ScriptLine& line, Window& window);
  void add(const Event& event, std::int64_t frame);

  std::string file_;
  std::vector<ScriptLine> lines_;
  std::size_t next_ = 0;
};

}  // namespace fleet::view
