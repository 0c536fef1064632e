#include "apps/view/panels/layout.h"

#include <algorithm>
#include <array>

#include <imgui.h>
#include <imgui_internal.h>

namespace fleet::view {
namespace {

constexpr std::array kLeftTop{"World", "Match"};
constexpr std::array kLeftBottom{"Command", "Scene"};
constexpr std::array kRightTop{"Reward", "Learning"};
constexpr std::array kRightBottom{"Policy", "Contacts"};

void dock(ImGuiID root) {
  ImGui::DockBuilderRemoveNode(root);
  ImGui::DockBuilderAddNode(root, ImGuiDockNodeFlags_PassthruCentralNode |
                                      static_cast<int>(ImGuiDockNodeFlags_DockSpace));
  ImGui::DockBuilderSetNodeSize(root, ImGui::GetMainViewport()->WorkSize);
  ImGuiID centre = root;
  ImGuiID left = ImGui::DockBuilderSplitNode(centre, ImGuiDir_Left, 0.20F, nullptr, &centre);
  ImGuiID right = ImGui::DockBuilderSplitNode(centre, ImGuiDir_Right, 0.36F, nullptr, &centre);
  const ImGuiID left_bottom =
      ImGui::DockBuilderSplitNode(left, ImGuiDir_Down, 0.5F, nullptr, &left);
  const ImGuiID right_bottom =
      ImGui::DockBuilderSplitNode(right, ImGuiDir_Down, 0.42F, nullptr, &right);
  const auto put = [](const auto& names, ImGuiID node) {
    for (const char* name : names) {
      ImGui::DockBuilderDockWindow(name, node);
    }
  };
  put(kLeftTop, left);
  put(kLeftBottom, left_bottom);
  put(kRightTop, right);
  put(kRightBottom, right_bottom);
  ImGui::DockBuilderFinish(root);
}

}  // namespace

mjrRect lay_out(const Window& window, bool has_panels) {
  const Size size = window.size();
  const Size pixels = window.pixels();
  if (!has_panels) {
    return {0, 0, std::max(1, pixels.width), std::max(1, pixels.height)};  // 0: minimised
  }
  const ImGuiID root = ImGui::GetID("dock");
  if (ImGui::DockBuilderGetNode(root) == nullptr) {
    dock(root);
  }
  ImGui::DockSpaceOverViewport(root, ImGui::GetMainViewport(),
                               ImGuiDockNodeFlags_PassthruCentralNode);
  const ImGuiDockNode* const centre = ImGui::DockBuilderGetCentralNode(root);
  const float scale =
      static_cast<float>(pixels.width) / static_cast<float>(std::max(1, size.width));
  const auto whole = [&](float x) { return static_cast<int>(x * scale); };
  return {whole(centre->Pos.x), pixels.height - whole(centre->Pos.y + centre->Size.y),
          std::max(1, whole(centre->Size.x)), std::max(1, whole(centre->Size.y))};
}

}  // namespace fleet::view
