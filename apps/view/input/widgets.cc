#include "apps/view/input/widgets.h"

#include <map>

#include <imgui.h>
#include <imgui_internal.h>

namespace fleet::view {
namespace {

std::map<ImGuiID, ImRect>& places() {
  static std::map<ImGuiID, ImRect> places;
  return places;
}
std::map<std::string, ImGuiID>& labels() {
  static std::map<std::string, ImGuiID> labels;
  return labels;
}

}  // namespace

void Widgets::watch() { ImGui::GetCurrentContext()->TestEngineHookItems = true; }

void Widgets::forget() {
  places().clear();
  labels().clear();
}

std::optional<Event> Widgets::find(const std::string& label) {
  const auto id = labels().find(label);
  const auto place = id == labels().end() ? places().end() : places().find(id->second);
  if (place == places().end()) {
    return std::nullopt;
  }
  const ImVec2 middle = place->second.GetCenter();
  return Event{.kind = Event::Kind::kCursor, .x = middle.x, .y = middle.y};
}

}  // namespace fleet::view

// What Dear ImGui calls, declared in imgui_internal.h under IMGUI_ENABLE_TEST_ENGINE.

void ImGuiTestEngineHook_ItemAdd(ImGuiContext* /*ctx*/, ImGuiID id, const ImRect& bb,
                                 const ImGuiLastItemData* /*item_data*/) {
  fleet::view::places()[id] = bb;
}

void ImGuiTestEngineHook_ItemInfo(ImGuiContext* ctx, ImGuiID id, const char* label,
                                  ImGuiItemStatusFlags /*flags*/) {
  if (ctx->CurrentWindow != nullptr && ctx->CurrentWindow->ID == id) {
    return;  // a whole window has the label of its tab
  }
  fleet::view::labels()[label] = id;
}

void ImGuiTestEngineHook_Log(ImGuiContext* /*ctx*/, const char* /*fmt*/, ...) {}

const char* ImGuiTestEngine_FindItemDebugLabel(ImGuiContext* /*ctx*/, ImGuiID /*id*/) {
  return nullptr;
}
