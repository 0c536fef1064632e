#include "apps/match/volley_tactics.h"

#include <array>
#include <limits>
#include <type_traits>

namespace fleet {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Of a team that has not been seen: nothing follows from it.
constexpr tasks::Flight<double> kUnseen{{kNan, kNan, kNan}, {kNan, kNan, kNan}};

std::span<const float> flat(BatchView<const float> rows) { return {rows.data(), rows.size()}; }

}  // namespace

VolleyTactics::VolleyTactics(const tasks::VolleyConfig& match)
    : decision_(match), team_size_(match.team_size) {}

void VolleyTactics::find_due(BatchView<const float> rows, std::span<std::uint8_t> decides) {
  memory_.resize(decides.size(), {.ball = kUnseen, .plan = {}});
  for (std::size_t team = 0; team < memory_.size(); ++team) {
    const tasks::Flight<double> ball = decision_.rules().ball_of(flat(rows_of(rows, team)));
    decides[team] = decision_.is_due(memory_[team].ball, ball) ? 1 : 0;
    memory_[team].ball = ball;
  }
}

void VolleyTactics::decide(int team, BatchView<const float> rows, std::span<const float> action) {
  memory_[static_cast<std::size_t>(team)].plan = decision_.make_plan(flat(rows), action);
}

void VolleyTactics::order(BatchView<const float> rows, std::span<int> skill,
                          BatchView<float> shown) const {
  const auto size = static_cast<std::size_t>(team_size_);
  for (std::size_t team = 0; team < memory_.size(); ++team) {
    write_orders(decision_.rules(), memory_[team].plan, rows_of(rows, team),
                 skill.subspan(team * size, size),
                 shown.rows(static_cast<int>(team) * team_size_, team_size_));
  }
}

Fields VolleyTactics::state() {
  static_assert(std::is_trivially_copyable_v<Memory> && sizeof(Memory) % sizeof(double) == 0);
  return {make_field("teams",
                     {static_cast<std::int64_t>(memory_.size()),
                      static_cast<std::int64_t>(sizeof(Memory) / sizeof(double))},
                     reinterpret_cast<double*>(memory_.data()))};
}

void write_orders(const tasks::RallyRules& rules, const tasks::RallyPlan& plan,
                  BatchView<const float> rows, std::span<int> skill, BatchView<float> shown) {
  std::array<tasks::SkillOrder, tasks::kMaxTeam> orders;
  rules.order(flat(rows), plan, std::span(orders).first(skill.size()));
  for (std::size_t i = 0; i < skill.size(); ++i) {
    skill[i] = orders[i].skill;
    rules.show(rows.row(static_cast<int>(i)), orders[i], shown.row(static_cast<int>(i)));
  }
}

}  // namespace fleet
