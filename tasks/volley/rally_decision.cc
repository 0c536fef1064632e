#include "tasks/volley/rally_decision.h"

#include <algorithm>
#include <array>

#include "tasks/volley/volley_state.h"

namespace fleet::tasks {
namespace {

// What an action of 1 moves.
constexpr double kLandingMove = 2.4;  // m
constexpr double kNetTopMove = 1.0;   // m
constexpr double kHeadStart = 1.5;    // m
constexpr double kShift = 0.8;        // m

// What the hitting skill was trained on: start_aimed_hit().
constexpr double kNearest = 0.3, kFarthest = 0.9;  // of half a court's length
constexpr double kWidest = 0.8;                    // of half its width
constexpr double kLowest = 0.3, kHighest = 2.0;    // m over the net

constexpr std::size_t kOfLanding = 3;  // numbers of an action that move the landing and its height

double clipped(float action) { return std::clamp(double{action}, -1.0, 1.0); }

float* write(std::span<const float> from, float* to) { return std::ranges::copy(from, to).out; }

}  // namespace

RallyDecision::RallyDecision(const VolleyConfig& config)
    : rules_(config),
      team_size_(config.team_size),
      half_length_(0.5 * config.court.length),
      half_width_(0.5 * config.court.width),
      net_height_(config.court.net_height),
      control_period_(config.timestep * config.substeps),
      observation_{.name = "actor", .noisy = false, .terms = {}},
      action_names_{"landing_x", "landing_y", "net_top"} {
  const auto add = [&](const std::string& name, int dim, const char* unit) {
    observation_.terms.push_back({.name = name, .dim = dim, .unit = unit, .frame = "world"});
  };
  for (int i = 0; i < team_size_; ++i) {
    const std::string of_player = std::to_string(i);
    add("pos" + of_player, 3, "m");
    add("velocity" + of_player, 3, "m/s");
    add("up" + of_player, 3, "1");
    add("may_hit" + of_player, 1, "1");
  }
  add("opponents", 3 * team_size_, "m");
  add("ball", 3, "m");
  add("ball_velocity", 3, "m/s");
  add("ball_is_here", 1, "1");
  add("meeting", 2, "m");  // by the rules, as all that follows
  add("hitter", team_size_, "1");
  add("landing", 2, "m");
  for (const char* what : {"head_start", "shift_x", "shift_y"}) {
    for (int i = 0; i < team_size_; ++i) {
      action_names_.push_back(what + std::to_string(i));
    }
  }
}

void RallyDecision::see(std::span<const float> rows, std::span<float> out) const {
  const auto n = static_cast<std::size_t>(team_size_);
  const auto dim = static_cast<std::size_t>(rules_.observation_dim());
  float* to = out.data();
  for (std::size_t i = 0; i < n; ++i) {
    const std::span<const float> row = rows.subspan(i * dim, dim);
    to = write(row.subspan(MatchRow::kPos, 3), to);
    to = write(row.subspan(MatchRow::kVelocity, 3), to);
    to = write(row.subspan(MatchRow::kUp, 3), to);
    to = write(row.subspan(MatchRow::may_hit(n), 1), to);
  }
  to = write(rows.subspan(MatchRow::players(n) + 3 * n, 3 * n), to);
  const Flight<double> ball = rules_.ball_of(rows);
  for (const Vec3<double>& v : {ball.pos, ball.velocity}) {
    for (const double x : {v.x, v.y, v.z}) {
      *to++ = static_cast<float>(x);
    }
  }
  to = write(rows.subspan(MatchRow::kIsHere, 1), to);
  const RallyPlan plan = rules_.make_plan(rows);
  std::array<double, 3> meeting{};
  const int hitter = rules_.choose_hitter(rows, plan, meeting);
  *to++ = static_cast<float>(meeting[0]);
  *to++ = static_cast<float>(meeting[1]);
  for (int i = 0; i < team_size_; ++i) {
    *to++ = i == hitter ? 1.0F : 0.0F;
  }
  *to++ = static_cast<float>(plan.landing[0]);
  *to++ = static_cast<float>(plan.landing[1]);
}

RallyPlan RallyDecision::make_plan(std::span<const float> rows,
                                   std::span<const float> action) const {
  RallyPlan plan = rules_.make_plan(rows);
  const auto n = static_cast<std::size_t>(team_size_);
  double& x = plan.landing[0];
  double& y = plan.landing[1];
  x = std::clamp(x + kLandingMove * clipped(action[0]), -kFarthest * half_length_,
                 -kNearest * half_length_);
  y = std::clamp(y + kLandingMove * clipped(action[1]), -kWidest * half_width_,
                 kWidest * half_width_);
  plan.net_top = std::clamp(plan.net_top + kNetTopMove * clipped(action[2]), net_height_ + kLowest,
                            net_height_ + kHighest);
  for (std::size_t i = 0; i < n; ++i) {
    plan.head_start[i] = kHeadStart * clipped(action[kOfLanding + i]);
    plan.shift[i] = {kShift * clipped(action[kOfLanding + n + i]),
                     kShift * clipped(action[kOfLanding + 2 * n + i])};
  }
  return plan;
}

bool RallyDecision::is_due(const Flight<double>& before, const Flight<double>& now) const {
  constexpr double kSudden = 0.3;  // m, m/s: no free flight differs so much from itself
  const Flight<double> free = before.after(control_period_);
  const bool flies_on = distance(free.pos, now.pos) < kSudden &&  // never, where one is NaN
                        distance(free.velocity, now.velocity) < kSudden;
  return !flies_on || (before.pos.x > 0.0) != (now.pos.x > 0.0);
}

}  // namespace fleet::tasks
