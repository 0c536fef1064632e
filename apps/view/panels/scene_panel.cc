#include <imgui.h>

#include "apps/view/panels/panels.h"

namespace fleet::view {
namespace {

/// A switch with MuJoCo's name and key. @returns whether the user switched it
void draw_flag(const char* const text[3], mjtByte& flag) {
  bool is_on = flag != 0;
  if (ImGui::Checkbox(text[0], &is_on)) {
    flag = is_on ? 1 : 0;
  }
  if (text[2][0] != '\0') {
    ImGui::SameLine();
    ImGui::TextDisabled("%s", text[2]);
  }
}

void draw_groups(const char* name, mjtByte (&groups)[mjNGROUP]) {
  ImGui::TextUnformatted(name);
  ImGui::PushID(name);
  for (int i = 0; i < mjNGROUP; ++i) {
    ImGui::SameLine();
    bool is_on = groups[i] != 0;
    ImGui::PushID(i);
    if (ImGui::Checkbox("", &is_on)) {
      groups[i] = is_on ? 1 : 0;
    }
    ImGui::PopID();
  }
  ImGui::PopID();
}

}  // namespace

void draw_scene_panel(Context& context) {
  if (ImGui::Begin("Scene")) {
    ImGui::Text("camera: %s", context.camera.name().c_str());
    bool is_following = context.camera.is_following();
    if (ImGui::Checkbox("follow", &is_following)) {
      context.camera.toggle_following(*context.opened.data);
    }
    mjvOption& option = context.scene.option();
    draw_groups("geoms", option.geomgroup);
    draw_groups("sites", option.sitegroup);
    if (ImGui::CollapsingHeader("shown", ImGuiTreeNodeFlags_DefaultOpen)) {
      for (int i = 0; i < mjNVISFLAG; ++i) {
        draw_flag(mjVISSTRING[i], option.flags[i]);
      }
    }
    if (ImGui::CollapsingHeader("drawn", ImGuiTreeNodeFlags_DefaultOpen)) {
      for (int i = 0; i < mjNRNDFLAG; ++i) {
        draw_flag(mjRNDSTRING[i], context.scene.render_flags()[static_cast<std::size_t>(i)]);
      }
    }
  }
  ImGui::End();
}

}  // namespace fleet::view
