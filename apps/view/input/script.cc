#include "apps/view/input/script.h"

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

#include <GLFW/glfw3.h>

#include "apps/files/file_error.h"
#include "apps/files/read_file.h"

namespace fleet::view {
namespace {

using files::FileError;
using Kind = ScriptLine::Kind;

constexpr std::uint64_t kMaxBytes = 1 << 20U;

const std::map<std::string, int> kKeys{
    {"space", GLFW_KEY_SPACE},     {"right", GLFW_KEY_RIGHT},         {"left", GLFW_KEY_LEFT},
    {"up", GLFW_KEY_UP},           {"down", GLFW_KEY_DOWN},           {"enter", GLFW_KEY_ENTER},
    {"escape", GLFW_KEY_ESCAPE},   {"backspace", GLFW_KEY_BACKSPACE}, {"tab", GLFW_KEY_TAB},
    {"page_up", GLFW_KEY_PAGE_UP}, {"page_down", GLFW_KEY_PAGE_DOWN}};
const std::map<std::string, int> kButtons{{"left", GLFW_MOUSE_BUTTON_LEFT},
                                          {"right", GLFW_MOUSE_BUTTON_RIGHT},
                                          {"middle", GLFW_MOUSE_BUTTON_MIDDLE}};
const std::map<std::string, int> kModifiers{
    {"ctrl+", GLFW_MOD_CONTROL}, {"shift+", GLFW_MOD_SHIFT}, {"alt+", GLFW_MOD_ALT}};

/// Takes "ctrl+" and its like off the front of a name. @returns GLFW's modifiers
int take_modifiers(std::string& name) {
  int modifiers = 0;
  for (bool found = true; found;) {
    found = false;
    for (const auto& [prefix, bit] : kModifiers) {
      if (name.starts_with(prefix)) {
        name.erase(0, prefix.size());
        modifiers |= bit;
        found = true;
      }
    }
  }
  return modifiers;
}

std::optional<int> key_code(const std::string& name) {
  if (const auto found = kKeys.find(name); found != kKeys.end()) {
    return found->second;
  }
  if (name.size() == 1 && name[0] > ' ' && name[0] <= '~') {
    return name[0] >= 'a' && name[0] <= 'z' ? name[0] - 'a' + GLFW_KEY_A : name[0];
  }
  for (int i = 1; i <= 12; ++i) {
    if (name == "f" + std::to_string(i)) {
      return GLFW_KEY_F1 + i - 1;
    }
  }
  return std::nullopt;
}

/// Reads one line into one or two steps; false if it is not understood.
bool read_line(std::istringstream& words, const std::string& action, ScriptLine line,
               std::vector<ScriptLine>& script) {
  Event& event = line.event;
  std::string name;
  if (action == "click" || action == "shot") {
    line.kind = action == "click" ? Kind::kClick : Kind::kShot;
    std::getline(words >> std::ws, line.text);
    script.push_back(line);
    return !line.text.empty();
  }
  if (action == "move" || action == "scroll") {
    event.kind = action == "move" ? Event::Kind::kCursor : Event::Kind::kScroll;
    const bool is_read = action == "move" ? static_cast<bool>(words >> event.x >> event.y)
                                          : static_cast<bool>(words >> event.y);
    script.push_back(line);
    return is_read && !(words >> name);
  }
  const bool is_key = action == "key" || action == "down" || action == "up";
  if ((!is_key && action != "press" && action != "release") || !(words >> name)) {
    return false;
  }
  event.kind = is_key ? Event::Kind::kKey : Event::Kind::kButton;
  event.modifiers = take_modifiers(name);
  const auto button = kButtons.find(name);
  const std::optional<int> code = is_key                     ? key_code(name)
                                  : button == kButtons.end() ? std::nullopt
                                                             : std::optional(button->second);
  event.code = code.value_or(0);
  event.is_down = action != "up" && action != "release";
  script.push_back(line);
  if (action == "key") {
    event.is_down = false;
    ++line.frame;
    script.push_back(line);
  }
  return code.has_value() && !(words >> name);
}

}  // namespace

std::vector<ScriptLine> load_script(const std::string& file) {
  std::istringstream lines(files::read_file(file, kMaxBytes));
  std::vector<ScriptLine> script;
  int number = 0;
  for (std::string text; std::getline(lines, text);) {
    ++number;
    std::istringstream words(text);
    std::string action;
    ScriptLine line;
    line.line = number;
    if (text.empty() || text[0] == '#') {
      continue;
    }
    if (!(words >> line.frame >> action) || line.frame < 0 ||
        !read_line(words, action, line, script)) {
      throw FileError(file, "line " + std::to_string(number),
                      "'" + files::one_line(text, 60) +
                          "' is none of FRAME key|down|up|press|release NAME, move X Y, scroll N, "
                          "click LABEL, shot FILE");
    }
  }
  std::ranges::stable_sort(script, {}, &ScriptLine::frame);
  return script;
}

}  // namespace fleet::view
