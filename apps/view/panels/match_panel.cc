#include <array>
#include <cmath>

#include <fmt/format.h>
#include <imgui.h>

#include "apps/view/draw/skill_orders.h"
#include "apps/view/draw/volley_marks.h"
#include "apps/view/panels/panels.h"
#include "apps/view/panels/scoreboard.h"

namespace fleet::view {
namespace {

void draw_players(const Context& context) {
  const Simulation& simulation = *context.opened.simulation;
  const tasks::VolleyConfig& config = context.opened.config.env.volley;
  const mjData& data = *context.opened.data;
  const std::vector<ShownOrder> orders = skill_orders(context.opened, context.choices.env);
  constexpr ImGuiTableFlags kFlags = ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingStretchProp;
  if (!ImGui::BeginTable("players", 4, kFlags)) {
    return;
  }
  for (const char* const name : {"player", "height (m)", "ball (m)", "role"}) {
    ImGui::TableSetupColumn(name);
  }
  ImGui::TableHeadersRow();
  const int num_players = config.num_players();
  for (int player = 0; player < num_players; ++player) {
    const mjtNum* const at = data.qpos + 7 * player;
    ImGui::TableNextColumn();
    ImGui::TextColored(team_colour(player / config.team_size), "%d", player);
    ImGui::TableNextColumn();
    ImGui::Text("%.2f", at[2]);
    ImGui::TableNextColumn();
    if (config.has_ball()) {
      ImGui::Text("%.2f", mju_dist3(at, data.qpos + 7 * num_players));
    }
    ImGui::TableNextColumn();
    std::string role = volley_role(simulation, context.choices.env, player);
    if (!orders.empty()) {
      role += (role.empty() ? "" : " ") + orders[static_cast<std::size_t>(player)].skill;
    }
    ImGui::TextUnformatted(role.c_str());
  }
  ImGui::EndTable();
}

/// As they stand in the frame on show.
void draw_metrics(const Context& context) {
  const Simulation& simulation = *context.opened.simulation;
  const auto& metrics = simulation.spec().metrics;
  constexpr ImGuiTableFlags kFlags = ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingStretchProp;
  if (!ImGui::BeginTable("metrics", 2, kFlags)) {
    return;
  }
  const int field = simulation.history().find("metrics");
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    ImGui::TableNextColumn();
    ImGui::TextUnformatted(metrics[i].c_str());
    ImGui::TableNextColumn();
    ImGui::Text("%.3g", simulation.history().value(field, simulation.frame(), chosen_row(context),
                                                   static_cast<std::int64_t>(i)));
  }
  ImGui::EndTable();
}

}  // namespace

void draw_match_panel(Context& context) {
  if (ImGui::Begin("Match")) {
    draw_players(context);
    ImGui::SeparatorText(fmt::format("player {}", context.choices.player).c_str());
    draw_metrics(context);
  }
  ImGui::End();
}

}  // namespace fleet::view
