#include <fmt/format.h>
#include <imgui.h>
#include <implot.h>

#include "apps/view/panels/panels.h"
#include "apps/view/panels/series.h"

namespace fleet::view {
namespace {

Series term_series(const Context& context, std::size_t term) {
  const Simulation& simulation = *context.opened.simulation;
  return {.simulation = &simulation,
          .field = simulation.history().find("reward_terms"),
          .row = chosen_row(context),
          .column = static_cast<std::int64_t>(term),
          .scale = 1.0 / simulation.control_period()};
}

void draw_terms(const Context& context) {
  const Simulation& simulation = *context.opened.simulation;
  const auto& terms = simulation.spec().reward_terms;
  // The table below is the legend.
  if (begin_time_plot("reward terms", "per second", simulation, ImGui::GetFontSize() * 13.0F,
                      ImPlotFlags_NoLegend)) {
    for (std::size_t term = 0; term < terms.size(); ++term) {
      plot(terms[term], term_series(context, term));
    }
    ImPlot::EndPlot();
  }
}

/// Reward in all, with a line where an episode of the chosen env ended.
void draw_total(const Context& context) {
  const Simulation& simulation = *context.opened.simulation;
  const History& history = simulation.history();
  const Series reward{.simulation = &simulation,
                      .field = history.find("reward"),
                      .row = chosen_row(context),
                      .scale = 1.0 / simulation.control_period()};
  if (!begin_time_plot("reward and ends", "per second", simulation, ImGui::GetFontSize() * 8.0F)) {
    return;
  }
  plot("reward", reward);
  plot(
      "terminated",
      {.simulation = &simulation, .field = history.find("terminated"), .row = chosen_row(context)});
  plot("truncated",
       {.simulation = &simulation, .field = history.find("truncated"), .row = context.choices.env});
  ImPlot::EndPlot();
}

void draw_means(const Context& context) {
  const Simulation& simulation = *context.opened.simulation;
  const auto& terms = simulation.spec().reward_terms;
  if (!ImGui::BeginTable("terms", 2, ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingStretchProp)) {
    return;
  }
  ImGui::TableSetupColumn(fmt::format("per second, mean of {:.0f} s", kSeconds).c_str());
  ImGui::TableSetupColumn("");
  ImGui::TableHeadersRow();
  for (std::size_t term = 0; term < terms.size(); ++term) {
    legend_row(static_cast<int>(term), terms[term], mean(term_series(context, term)));
  }
  ImGui::EndTable();
}

void draw_ends(const Context& context) {
  const Simulation& simulation = *context.opened.simulation;
  std::vector<std::string> names = simulation.spec().termination_terms;
  names.insert(names.end(), {"time is up", "diverged"});
  const std::vector<double> counts = simulation.ends();
  if (!ImGui::BeginTable("ends", 2, ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingStretchProp)) {
    return;
  }
  ImGui::TableSetupColumn("episodes ended, all envs");
  ImGui::TableSetupColumn("");
  ImGui::TableHeadersRow();
  for (std::size_t i = 0; i < names.size(); ++i) {
    ImGui::TableNextColumn();
    ImGui::TextUnformatted(names[i].c_str());
    ImGui::TableNextColumn();
    ImGui::Text("%.0f", counts[i]);
  }
  ImGui::EndTable();
}

}  // namespace

void draw_reward_panel(Context& context) {
  if (ImGui::Begin("Reward")) {
    draw_terms(context);
    draw_means(context);
    draw_total(context);
    draw_ends(context);
  }
  ImGui::End();
}

}  // namespace fleet::view
