#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <imgui.h>
#include <implot.h>

#include "apps/view/panels/panels.h"
#include "apps/view/panels/series.h"

namespace fleet::view {
namespace {

void draw_actions(const Context& context) {
  const Simulation& simulation = *context.opened.simulation;
  const envs::EnvSpec& spec = simulation.spec();
  if (begin_time_plot("actions", "action units", simulation, ImGui::GetFontSize() * 12.0F)) {
    for (int k = 0; k < spec.action_dim; ++k) {
      const auto& names = spec.contract.action_names;
      const auto i = static_cast<std::size_t>(k);
      plot(i < names.size() ? names[i] : std::to_string(k),
           {.simulation = &simulation,
            .field = simulation.history().find("action"),
            .row = chosen_row(context),
            .column = k});
    }
    ImPlot::EndPlot();
  }
}

/// The observation that the last action was the answer to is a step older.
void draw_observation(const Context& context) {
  const Simulation& simulation = *context.opened.simulation;
  const ObservationGroup& group = simulation.spec().observations[0];
  const int field = simulation.history().find("observation/" + group.name);
  if (!ImGui::BeginTable("observation", 2,
                         ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingFixedFit)) {
    return;
  }
  ImGui::TableSetupColumn("observed");
  ImGui::TableSetupColumn("value", ImGuiTableColumnFlags_WidthStretch);
  ImGui::TableHeadersRow();
  std::int64_t column = 0;
  for (const ObservationTerm& term : group.terms) {
    std::string values;
    for (int k = 0; k < term.dim; ++k, ++column) {
      values += fmt::format("{:+.2f} ", simulation.history().value(field, simulation.frame(),
                                                                   chosen_row(context), column));
    }
    ImGui::TableNextColumn();
    ImGui::TextUnformatted(term.name.c_str());
    ImGui::TextDisabled("%s, %s", term.unit.c_str(), term.frame.c_str());
    ImGui::TableNextColumn();
    ImGui::TextWrapped("%s", values.c_str());
  }
  ImGui::EndTable();
}

void draw_value(const Context& context) {
  const Simulation& simulation = *context.opened.simulation;
  if (!simulation.has_value()) {
    ImGui::TextDisabled("value: no critic here (needs a checkpoint of PPO's)");
    return;
  }
  if (begin_time_plot("value", "reward to come", simulation, ImGui::GetFontSize() * 7.0F)) {
    plot("value", {.simulation = &simulation,
                   .field = simulation.history().find("value"),
                   .row = chosen_row(context)});
    ImPlot::EndPlot();
  }
}

}  // namespace

void draw_policy_panel(Context& context) {
  if (ImGui::Begin("Policy")) {
    draw_actions(context);
    draw_value(context);
    draw_observation(context);
  }
  ImGui::End();
}

}  // namespace fleet::view
