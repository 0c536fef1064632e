#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <imgui.h>

#include "apps/view/actions.h"
#include "apps/view/panels/panels.h"

namespace fleet::view {
namespace {

void draw_time(Context& context) {
  Clock& clock = context.choices.clock;
  Worlds& worlds = *context.opened.worlds;
  if (ImGui::Button(clock.is_paused ? "Run" : "Pause")) {
    toggle_pause(context);
  }
  ImGui::SameLine();
  if (ImGui::Button("Step")) {
    step_once(context);
  }
  ImGui::SameLine();
  if (ImGui::Button("Reset")) {
    reset(context);
  }
  int exponent = clock.exponent();
  const std::string speed = exponent < 0 ? fmt::format("1/{}", std::lround(1.0 / clock.speed()))
                                         : fmt::format("{}", std::lround(clock.speed()));
  if (ImGui::SliderInt("speed", &exponent, Clock::kSlowest, Clock::kFastest, speed.c_str())) {
    clock.set_exponent(exponent);
  }
  auto frame = static_cast<int>(worlds.frame());
  const std::string time =
      fmt::format("{:.2f} s", static_cast<double>(frame) * worlds.control_period());
  if (ImGui::SliderInt("history", &frame, static_cast<int>(worlds.first_frame()),
                       std::max(1, static_cast<int>(worlds.last_frame())), time.c_str())) {
    clock.is_paused = true;
    worlds.seek(frame);
  }
}

void draw_env(Context& context) {
  Choices& choices = context.choices;
  const int num_envs = context.opened.worlds->num_envs();
  int env = choices.env;
  if (num_envs > 1 && ImGui::SliderInt("env", &env, 0, num_envs - 1)) {
    choose_env(context, env);
  }
  if (num_envs > 1) {
    ImGui::SliderInt("tiles", &choices.num_tiles, 1, std::min(16, num_envs));
  }
  const Simulation* const simulation = context.opened.simulation;
  if (simulation != nullptr && simulation->spec().num_players > 1) {
    ImGui::SliderInt("player", &choices.player, 0, simulation->spec().num_players - 1);
  }
}

void draw_actor(Context& context) {
  Simulation* const simulation = context.opened.simulation;
  if (simulation == nullptr) {
    ImGui::TextUnformatted("a recording");
    return;
  }
  constexpr std::array kNames{"policy", "zero actions", "random actions"};
  auto actor = static_cast<int>(simulation->actor());
  const int first = context.opened.policy ? 0 : 1;  // without a policy there is none to choose
  if (ImGui::BeginCombo("acts", kNames[static_cast<std::size_t>(actor)])) {
    for (int i = first; i < static_cast<int>(kNames.size()); ++i) {
      if (ImGui::Selectable(kNames[static_cast<std::size_t>(i)], i == actor)) {
        simulation->set_actor(static_cast<Actor>(i));
      }
    }
    ImGui::EndCombo();
  }
  if (const Policy* const policy = context.opened.policy.get()) {
    ImGui::TextWrapped("%s", policy->origin().c_str());
    if (!policy->problem().empty()) {
      ImGui::TextWrapped("a newer one cannot be read: %s", policy->problem().c_str());
    }
  }
}

}  // namespace

void draw_world_panel(Context& context) {
  if (ImGui::Begin("World")) {
    ImGui::PushItemWidth(-ImGui::GetFontSize() * 4.5F);
    draw_time(context);
    ImGui::Separator();
    draw_env(context);
    draw_actor(context);
    ImGui::Separator();
    ImGui::TextWrapped("%s", context.choices.message.c_str());
    ImGui::PopItemWidth();
  }
  ImGui::End();
}

}  // namespace fleet::view
