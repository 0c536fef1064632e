#include "apps/view/panels/series.h"

#include <algorithm>

#include <imgui.h>
#include <implot.h>

namespace fleet::view {
namespace {

std::int64_t first_frame(const Simulation& simulation) {
  const auto frames = static_cast<std::int64_t>(kSeconds / simulation.control_period());
  return std::max(simulation.first_frame(), simulation.frame() - frames);
}

double value_at(const Series& series, std::int64_t frame) {
  return series.scale *
         series.simulation->history().value(series.field, frame, series.row, series.column);
}

ImPlotPoint point_at(int index, void* data) {
  const auto& series = *static_cast<const Series*>(data);
  const std::int64_t frame = first_frame(*series.simulation) + index;
  return {static_cast<double>(frame) * series.simulation->control_period(),
          value_at(series, frame)};
}

int count_of(const Simulation& simulation) {
  return static_cast<int>(simulation.frame() - first_frame(simulation) + 1);
}

}  // namespace

bool begin_time_plot(const char* name, const char* unit, const Simulation& simulation, float height,
                     int flags) {
  if (!ImPlot::BeginPlot(name, ImVec2(-1.0F, height),
                         flags | ImPlotFlags_NoMouseText | ImPlotFlags_NoMenus)) {
    return false;
  }
  const double now = static_cast<double>(simulation.frame()) * simulation.control_period();
  ImPlot::SetupAxes("s", unit, ImPlotAxisFlags_None, ImPlotAxisFlags_AutoFit);
  ImPlot::SetupAxisLimits(ImAxis_X1, std::max(0.0, now - kSeconds), std::max(now, kSeconds),
                          ImPlotCond_Always);
  ImPlot::SetupLegend(ImPlotLocation_East, ImPlotLegendFlags_Outside);
  return true;
}

void plot(const std::string& label, const Series& series) {
  Series copy = series;
  ImPlot::PlotLineG(label.c_str(), point_at, &copy, count_of(*series.simulation));
}

void legend_row(int index, const std::string& name, double value) {
  const float size = ImGui::GetFontSize();
  ImGui::TableNextColumn();
  ImGui::ColorButton(name.c_str(), ImPlot::GetColormapColor(index),
                     ImGuiColorEditFlags_NoTooltip | ImGuiColorEditFlags_NoBorder, {size, size});
  ImGui::SameLine();
  ImGui::TextUnformatted(name.c_str());
  ImGui::TableNextColumn();
  ImGui::Text("%+9.4f", value);
}

double mean(const Series& series) {
  double sum = 0.0;
  for (std::int64_t frame = first_frame(*series.simulation); frame <= series.simulation->frame();
       ++frame) {
    sum += value_at(series, frame);
  }
  return sum / count_of(*series.simulation);
}

}  // namespace fleet::view
