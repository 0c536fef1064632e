#include "apps/view/input/scripted_hands.h"

#include <algorithm>
#include <optional>

#include "apps/files/file_error.h"
#include "apps/view/input/widgets.h"

namespace fleet::view {

ScriptedHands::ScriptedHands(const std::string& file) : file_(file) {
  if (!file.empty()) {
    lines_ = load_script(file);
  }
}

void ScriptedHands::play(std::int64_t frame, Window& window, std::vector<std::string>& shots) {
  if (!lines_.empty()) {
    Widgets::watch();
  }
  for (; next_ < lines_.size() && lines_[next_].frame <= frame; ++next_) {
    const ScriptLine line = lines_[next_];  // a copy: a click adds lines
    if (line.kind == ScriptLine::Kind::kEvent) {
      window.inject(line.event);
    } else if (line.kind == ScriptLine::Kind::kShot) {
      shots.push_back(line.text);
    } else {
      click(line, window);
    }
  }
}

/// A hand is where it presses a frame before, and lets go a frame later.
void ScriptedHands::click(const ScriptLine& line, Window& window) {
  const std::optional<Event> place = Widgets::find(line.text);
  if (!place) {
    throw files::FileError(file_, "line " + std::to_string(line.line),
                           "frame " + std::to_string(line.frame) +
                               " shows nothing that is labelled '" +
                               files::one_line(line.text, 60) + "'");
  }
  window.inject(*place);
  add({.kind = Event::Kind::kButton, .is_down = true}, line.frame + 1);
  add({.kind = Event::Kind::kButton, .is_down = false}, line.frame + 2);
}

void ScriptedHands::add(const Event& event, std::int64_t frame) {
  ScriptLine line;
  line.frame = frame;
  line.event = event;
  lines_.insert(std::ranges::upper_bound(lines_, frame, {}, &ScriptLine::frame), line);
}

}  // namespace fleet::view
