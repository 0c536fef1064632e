#include "apps/view/actions.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "cuda/philox.h"

namespace fleet::view {
namespace {

/// The joint by which the chosen robot moves freely; -1: it does not.
int free_joint(const Context& context) {
  const mjModel& model = *context.opened.model;
  const int joint = context.choices.player;  // drones come first, one joint each
  return joint < model.njnt && model.jnt_type[joint] == mjJNT_FREE ? joint : -1;
}

}  // namespace

void toggle_pause(Context& context) {
  context.choices.clock.is_paused = !context.choices.clock.is_paused;
}

void step_once(Context& context) {
  context.choices.clock.is_paused = true;
  context.opened.worlds->step();
}

void choose_env(Context& context, int env) {
  context.choices.env = std::clamp(env, 0, context.opened.worlds->num_envs() - 1);
}

void reset(Context& context) {
  if (context.opened.simulation != nullptr) {
    context.opened.simulation->reset();
  } else {
    context.opened.worlds->seek(0);
  }
}

bool can_push(const Context& context) {
  return context.opened.simulation != nullptr && free_joint(context) >= 0;
}

void push(Context& context) {
  if (!can_push(context)) {
    return;
  }
  Choices& choices = context.choices;
  Random random(0, static_cast<std::uint32_t>(choices.env), 0,
                static_cast<std::uint32_t>(context.opened.worlds->frame()),
                static_cast<std::uint32_t>(Purpose::kPush));
  const double angle = random.uniform(-std::numbers::pi, std::numbers::pi);
  context.opened.simulation->push(
      choices.env, free_joint(context),
      {choices.push_speed * std::cos(angle), choices.push_speed * std::sin(angle), 0.0});
  choices.message = fmt::format("pushed by {:.2f} m/s towards {:.0f} degrees", choices.push_speed,
                                angle * 180.0 / std::numbers::pi);
}

void give_command(Context& context, double dt) {
  Choices& choices = context.choices;
  Simulation* const simulation = context.opened.simulation;
  if (simulation == nullptr || !simulation->takes_commands()) {
    return;
  }
  if (!choices.is_driving) {
    simulation->set_command(std::nullopt);
    choices.given.reset();
    return;
  }
  constexpr double kRate = 4.0;  // 1/s: keys reach their end in a quarter of a second
  const PolicyContract& contract = simulation->spec().contract;
  for (std::size_t k = 0; k < choices.lean.size(); ++k) {
    const double most = dt * kRate;
    choices.reached[k] += std::clamp(choices.lean[k] - choices.reached[k], -most, most);
  }
  std::array<double, 3> command{};
  for (std::size_t k = 0; k < command.size(); ++k) {
    const double reached = choices.reached[k];
    const double range = reached < 0.0 ? -contract.command_lower[k] : contract.command_upper[k];
    command[k] = std::clamp(choices.command[k] + reached * range, contract.command_lower[k],
                            contract.command_upper[k]);
  }
  choices.given = command;
  simulation->set_command(command);
}

}  // namespace fleet::view
