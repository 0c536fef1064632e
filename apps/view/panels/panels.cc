#include "apps/view/panels/panels.h"

#include <imgui.h>

#include "apps/view/input/keys.h"

namespace fleet::view {

void draw_panels(Context& context) {
  // Of those that share a place, the first is in front, or the very last.
  const bool is_simulation = context.opened.simulation != nullptr;
  if (is_simulation && context.opened.config.env.task == "volley") {
    draw_match_panel(context);
  }
  if (is_simulation) {
    draw_command_panel(context);
    draw_reward_panel(context);
    draw_policy_panel(context);
  }
  draw_scene_panel(context);
  draw_contact_panel(context);
  if (context.opened.curves) {
    draw_learning_panel(context);
  }
  draw_world_panel(context);
}

void draw_help(Context& context) {
  ImGui::SetNextWindowPos(ImGui::GetMainViewport()->GetCenter(), ImGuiCond_Appearing,
                          ImVec2(0.5F, 0.5F));
  if (ImGui::Begin("Keys", &context.choices.has_help, ImGuiWindowFlags_AlwaysAutoResize) &&
      ImGui::BeginTable("keys", 2, ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingFixedFit)) {
    for (const KeyHelp& line : key_help()) {
      ImGui::TableNextColumn();
      ImGui::TextUnformatted(line.keys);
      ImGui::TableNextColumn();
      ImGui::TextUnformatted(line.what);
    }
    ImGui::TableNextColumn();
    ImGui::TextUnformatted("letters");
    ImGui::TableNextColumn();
    ImGui::TextUnformatted("what is shown and drawn: see the panel \"Scene\"");
    ImGui::EndTable();
  }
  ImGui::End();
}

}  // namespace fleet::view
