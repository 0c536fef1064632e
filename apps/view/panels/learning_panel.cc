#include <algorithm>
#include <map>
#include <set>
#include <string>

#include <imgui.h>
#include <implot.h>

#include "apps/view/panels/panels.h"

namespace fleet::view {
namespace {

using Curve = LearningCurves::Curve;

/// Curves by what stands before the slash of their tags; those of "Train" come first.
std::map<std::string, std::map<std::string, const Curve*>> by_group(const LearningCurves& curves) {
  std::map<std::string, std::map<std::string, const Curve*>> groups;
  for (const auto& [tag, curve] : curves.curves()) {
    const std::size_t slash = tag.find('/');
    const std::string group = slash == std::string::npos ? "other" : tag.substr(0, slash);
    groups[group][slash == std::string::npos ? tag : tag.substr(slash + 1)] = &curve;
  }
  return groups;
}

ImPlotPoint point_at(int index, void* data) {
  const auto& curve = *static_cast<const Curve*>(data);
  const auto i = static_cast<std::size_t>(index);
  return {curve.env_steps[i] * 1e-6, curve.values[i]};
}

void draw_plot(const std::string& title, const std::map<std::string, const Curve*>& curves) {
  const ImPlotFlags flags = ImPlotFlags_NoMouseText | ImPlotFlags_NoMenus |
                            (curves.size() == 1 ? ImPlotFlags_NoLegend : ImPlotFlags_None);
  if (!ImPlot::BeginPlot(title.c_str(), ImVec2(-1.0F, ImGui::GetFontSize() * 10.0F), flags)) {
    return;
  }
  ImPlot::SetupAxes("M env steps", nullptr, ImPlotAxisFlags_AutoFit, ImPlotAxisFlags_AutoFit);
  ImPlot::SetupLegend(ImPlotLocation_East, ImPlotLegendFlags_Outside);
  for (const auto& [name, curve] : curves) {
    Curve* const data = const_cast<Curve*>(curve);  // ImPlot hands it back to point_at() as it is
    ImPlot::PlotLineG(name.c_str(), point_at, data, static_cast<int>(curve->values.size()));
  }
  ImPlot::EndPlot();
}

}  // namespace

void draw_learning_panel(Context& context) {
  if (ImGui::Begin("Learning")) {
    const LearningCurves& curves = *context.opened.curves;
    ImGui::Text("iteration %lld of %lld", static_cast<long long>(curves.num_iterations()),
                static_cast<long long>(curves.planned_iterations()));
    const auto groups = by_group(curves);
    // What is looked at first has plots of its own: the scales differ.
    if (const auto train = groups.find("Train"); train != groups.end()) {
      for (const auto& curve : train->second) {
        draw_plot("Train/" + curve.first, {curve});
      }
    }
    for (const auto& [group, members] : groups) {
      if (group != "Train" &&
          ImGui::CollapsingHeader(group.c_str(), group == "Episode_Reward"
                                                     ? ImGuiTreeNodeFlags_DefaultOpen
                                                     : ImGuiTreeNodeFlags_None)) {
        draw_plot(group, members);
      }
    }
  }
  ImGui::End();
}

}  // namespace fleet::view
