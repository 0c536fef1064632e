#include "apps/view/draw/volley_marks.h"

#include <algorithm>
#include <cmath>

#include "apps/view/draw/skill_orders.h"

namespace fleet::view {
namespace {

constexpr double kTrail = 1.5;  // s
constexpr double kJump = 1.0;   // m in a frame: a new rally
constexpr Colour kBall{0.98F, 0.80F, 0.15F, 0.9F};
constexpr Colour kLanding{1.0F, 0.5F, 0.1F, 0.5F};
constexpr Colour kTarget{0.2F, 0.9F, 0.4F, 0.5F};

Point point_in(std::span<const double> qpos, int first) {
  const auto i = static_cast<std::size_t>(first);
  return {qpos[i], qpos[i + 1], qpos[i + 2]};
}

void add_trail(const Worlds& worlds, int env, int ball, Marks& marks) {
  const auto frames = static_cast<std::int64_t>(kTrail / worlds.control_period());
  const std::int64_t first = std::max(worlds.first_frame(), worlds.frame() - frames);
  for (std::int64_t frame = worlds.frame(); frame > first; --frame) {
    const Point here = point_in(worlds.qpos(env, frame), ball);
    const Point before = point_in(worlds.qpos(env, frame - 1), ball);
    if (mju_dist3(here.data(), before.data()) > kJump) {
      return;
    }
    const double age = static_cast<double>(worlds.frame() - frame) / static_cast<double>(frames);
    Colour colour = kBall;
    colour[3] *= static_cast<float>(1.0 - age);
    marks.line(before, here, 0.03 * (1.0 - 0.7 * age), colour);
  }
}

/// Where a ball that nobody meets comes down.
void add_landing(const Point& ball, const mjtNum* velocity, double radius, Marks& marks) {
  constexpr double kGravity = 9.81;
  const double drop = std::max(0.0, ball[2] - radius);
  const double time =
      (velocity[2] + std::sqrt(velocity[2] * velocity[2] + 2.0 * kGravity * drop)) / kGravity;
  marks.disc({ball[0] + velocity[0] * time, ball[1] + velocity[1] * time, 0.01}, 0.25, kLanding);
}

/// What tasks for one or two remember of where drone or ball should go.
void add_target(const Opened& opened, int env, Marks& marks) {
  using Kind = tasks::VolleyKind;
  const Kind kind = opened.config.env.volley.kind;
  const Simulation& simulation = *opened.simulation;
  const int field = simulation.history().find("env/memory/target");
  if (field < 0 || kind == Kind::kMatch || kind == Kind::kHover) {
    return;  // a match has none, and hover's is a heading
  }
  Point target{};
  for (int k = 0; k < 3; ++k) {
    target[static_cast<std::size_t>(k)] =
        simulation.history().value(field, simulation.frame(), env, k);
  }
  if (mju_norm3(target.data()) > 0.0) {
    marks.ball(target, 0.12, kTarget, "target");
  }
}

/// Over each drone its number, what it may do and what it is ordered to; and where it is to go, or
/// to send the ball.
void add_players(const Opened& opened, int env, const mjData& data, Marks& marks) {
  const tasks::VolleyConfig& config = opened.config.env.volley;
  const std::vector<ShownOrder> orders = skill_orders(opened, env);
  for (int player = 0; player < config.num_players(); ++player) {
    const mjtNum* const at = data.qpos + 7 * player;
    std::string label = std::to_string(player);
    const std::string role =
        opened.simulation != nullptr ? volley_role(*opened.simulation, env, player) : "";
    label += role.empty() ? "" : ' ' + role;
    if (!orders.empty()) {
      const ShownOrder& order = orders[static_cast<std::size_t>(player)];
      Colour colour = kTeamColours[static_cast<std::size_t>(player / config.team_size)];
      colour[3] = 0.5F;
      label += ' ' + order.skill;
      marks.line({at[0], at[1], at[2]}, order.target, 0.01, colour);
      marks.ball(order.target, 0.08, colour);
    }
    marks.label({at[0], at[1], at[2] + 0.35}, label);
  }
}

}  // namespace

std::string volley_role(const Simulation& simulation, int env, int player) {
  const History& history = simulation.history();
  const auto remembered = [&](const char* name, int column) {
    return history.value(history.find(name), simulation.frame(), env, column);
  };
  if (simulation.spec().metrics.empty() || simulation.spec().metrics[0] != "won" ||
      remembered("env/memory/may_hit", player) < 0.5) {
    return "";
  }
  const bool is_hit = remembered("env/memory/hits", 0) + remembered("env/memory/hits", 1) > 0.5;
  return is_hit ? "may hit" : "serves";
}

void add_volley_marks(const Opened& opened, int env, const mjData& data, Marks& marks) {
  const tasks::VolleyConfig& config = opened.config.env.volley;
  if (opened.config.env.task != "volley") {
    return;
  }
  const int num_players = config.num_players();
  if (config.has_ball()) {
    add_trail(*opened.worlds, env, 7 * num_players, marks);
    add_landing({data.qpos[7 * num_players], data.qpos[7 * num_players + 1],
                 data.qpos[7 * num_players + 2]},
                data.qvel + 6 * num_players, config.ball.radius, marks);
  }
  if (opened.simulation != nullptr) {
    add_target(opened, env, marks);
  }
  if (num_players > 1) {
    add_players(opened, env, data, marks);
  }
}

}  // namespace fleet::view
