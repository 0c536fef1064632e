#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <imgui.h>
#include <implot.h>

#include "apps/view/panels/panels.h"
#include "apps/view/panels/series.h"

namespace fleet::view {
namespace {

Series action_series(const Context& context, int k) {
  const Simulation& simulation = *context.opened.simulation;
  return {.simulation = &simulation,
          .field = simulation.history().find("action"),
          .row = chosen_row(context),
          .column = k};
}

std::string action_name(const envs::EnvSpec& spec, int k) {
  const auto i = static_cast<std::size_t>(k);
  const auto& names = spec.contract.action_names;
  return i < names.size() ? names[i] : std::to_string(k);
}

void draw_actions(const Context& context) {
  const Simulation& simulation = *context.opened.simulation;
  const envs::EnvSpec& spec = simulation.spec();
  // The table below is the legend.
  if (begin_time_plot("actions", "action units", simulation, ImGui::GetFontSize() * 11.0F,
                      ImPlotFlags_NoLegend)) {
    for (int k = 0; k < spec.action_dim; ++k) {
      plot(action_name(spec, k), action_series(context, k));
    }
    ImPlot::EndPlot();
  }
  constexpr ImGuiTableFlags kFlags = ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingStretchProp;
  if (ImGui::BeginTable("actions", 4, kFlags)) {
    for (int k = 0; k < spec.action_dim; ++k) {
      legend_row(k, action_name(spec, k),
                 simulation.history().value(simulation.history().find("action"), simulation.frame(),
                                            chosen_row(context), k));
    }
    ImGui::EndTable();
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
  const Policy* const policy = context.opened.policy.get();
  if (policy == nullptr || !policy->has_value()) {
    ImGui::TextWrapped("value: none (%s)",
                       policy == nullptr ? "no policy acts" : policy->no_value().c_str());
    return;
  }
  if (begin_time_plot("value: reward to come", "", simulation, ImGui::GetFontSize() * 11.0F,
                      ImPlotFlags_NoLegend)) {
    plot("value", {.simulation = &simulation,
                   .field = simulation.history().find("value"),
                   .row = chosen_row(context)});
    ImPlot::EndPlot();
  }
}

}  // namespace

void draw_policy_panel(Context& context) {
  if (ImGui::Begin("Policy")) {
    draw_value(context);
    draw_actions(context);
    draw_observation(context);
  }
  ImGui::End();
}

}  // namespace fleet::view
