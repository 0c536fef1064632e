#include <fmt/format.h>
#include <imgui.h>

#include "apps/view/actions.h"
#include "apps/view/panels/panels.h"

namespace fleet::view {
namespace {

void draw_command(Context& context) {
  Choices& choices = context.choices;
  const PolicyContract& contract = context.opened.simulation->spec().contract;
  ImGui::Checkbox("drive", &choices.is_driving);
  ImGui::SameLine();
  ImGui::TextDisabled(choices.is_driving ? "keys w s, a d, q e" : "the task draws commands");
  ImGui::BeginDisabled(!choices.is_driving);
  for (std::size_t k = 0; k < choices.command.size(); ++k) {
    auto value = static_cast<float>(choices.command[k]);
    const char* const format = k < 2 ? "%.2f m/s" : "%.2f rad/s";
    if (ImGui::SliderFloat(contract.command_names[k].c_str(), &value,
                           static_cast<float>(contract.command_lower[k]),
                           static_cast<float>(contract.command_upper[k]), format)) {
      choices.command[k] = value;
    }
  }
  if (ImGui::Button("Halt")) {
    choices.command = {};
  }
  ImGui::EndDisabled();
  if (choices.given) {
    const auto& [x, y, turn] = *choices.given;
    ImGui::Text("given %+.2f %+.2f %+.2f", x, y, turn);
  }
}

void draw_disturbances(Context& context) {
  Choices& choices = context.choices;
  Simulation& simulation = *context.opened.simulation;
  ImGui::BeginDisabled(!can_push(context));
  auto speed = static_cast<float>(choices.push_speed);
  if (ImGui::SliderFloat("##push speed", &speed, 0.0F, 3.0F, "by %.2f m/s")) {
    choices.push_speed = speed;
  }
  ImGui::SameLine();
  if (ImGui::Button("Push")) {
    push(context);
  }
  ImGui::EndDisabled();
  if (simulation.has_friction()) {
    bool is_set = simulation.friction().has_value();
    auto friction = static_cast<float>(simulation.friction().value_or(1.0));
    if (ImGui::Checkbox("friction", &is_set)) {
      simulation.set_friction(is_set ? std::optional<double>(friction) : std::nullopt);
    }
    ImGui::SameLine();
    ImGui::BeginDisabled(!is_set);
    if (ImGui::SliderFloat("##friction value", &friction, 0.0F, 2.0F, "%.2f everywhere")) {
      simulation.set_friction(friction);
    }
    ImGui::EndDisabled();
  }
}

}  // namespace

void draw_command_panel(Context& context) {
  if (ImGui::Begin("Command")) {
    ImGui::PushItemWidth(-ImGui::GetFontSize() * 5.5F);
    if (context.opened.simulation->takes_commands()) {
      draw_command(context);
      ImGui::Separator();
    }
    draw_disturbances(context);
    ImGui::PopItemWidth();
  }
  ImGui::End();
}

}  // namespace fleet::view
