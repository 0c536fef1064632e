#include "tasks/volley/rally_rules.h"

#include <algorithm>
#include <cmath>

namespace fleet::tasks {
namespace {

constexpr std::size_t kAttitudeDim = 20;

constexpr double kMeetingHeight = 2.0;  // m, where the ball is met
constexpr double kRoom = 1.3;           // m, that others keep from the meeting
constexpr double kNetRoom = 0.8;        // m, that players who wait keep from the net
constexpr double kSpare = 0.6;          // m, of a ball's centre over the net
constexpr double kFar = 2.4;            // m, farther than that the goto skill never was

std::array<double, 3> read(std::span<const float> row, std::size_t at) {
  return {row[at], row[at + 1], row[at + 2]};
}

Vec3<double> read_vector(std::span<const float> row, std::size_t at) {
  return {row[at], row[at + 1], row[at + 2]};
}

double distance_xy(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1]);
}

}  // namespace

RallyRules::RallyRules(const VolleyConfig& config)
    : team_size_(config.team_size),
      half_length_(0.5 * config.court.length),
      half_width_(0.5 * config.court.width),
      net_height_(config.court.net_height),
      racket_(config.drone.racket_height + config.ball.radius),
      restitution_(config.ball.drone_restitution) {
  for (std::size_t i = 0; i < config.anchors.size(); ++i) {
    home_[i] = config.anchors[i];
    home_[i][0] = std::min(home_[i][0], 0.75 * half_length_);  // the server's place is at the line
  }
}

std::span<const float> RallyRules::row_of(std::span<const float> rows, int player) const {
  const auto dim = static_cast<std::size_t>(observation_dim());
  return rows.subspan(static_cast<std::size_t>(player) * dim, dim);
}

/// A player sees it relative to itself.
Flight<double> RallyRules::ball_of(std::span<const float> rows) const {
  return {read_vector(rows, MatchRow::kPos) + read_vector(rows, MatchRow::kBall),
          read_vector(rows, MatchRow::kBallVelocity)};
}

int RallyRules::choose_hitter(std::span<const float> rows, const RallyPlan& plan,
                              Point& meeting) const {
  const Flight<double> ball = ball_of(rows);
  const Vec3<double> low = ball.after(falling_time(ball, kMeetingHeight)).pos;
  meeting = {low.x, low.y, kMeetingHeight};
  const std::size_t may_hit = MatchRow::may_hit(static_cast<std::size_t>(team_size_));
  const bool is_here = ball.pos.x > 0.0;
  bool untouched = true;  // by the own team, as long as the ball is on its side
  for (int i = 0; i < team_size_; ++i) {
    untouched = untouched && row_of(rows, i)[may_hit] > 0.5F;
  }
  if (meeting[0] < 0.0 || (!is_here && ball.velocity.x <= 0.0)) {
    return -1;  // it goes to the others
  }
  const double edge = 0.3;  // m: what lands beyond is out, and their fault
  const bool is_out = meeting[0] > half_length_ + edge || std::abs(meeting[1]) > half_width_ + edge;
  if (is_out && (untouched || !is_here)) {
    return -1;
  }
  int hitter = -1;
  double nearest = 1e9;
  for (int i = 0; i < team_size_; ++i) {
    const std::span<const float> row = row_of(rows, i);
    const double range = distance_xy(read(row, MatchRow::kPos), meeting) -
                         plan.head_start[static_cast<std::size_t>(i)];
    // While the ball is over there, none may hit yet, and any may be the one.
    if ((row[may_hit] > 0.5F || !is_here) && range < nearest) {
      hitter = i;
      nearest = range;
    }
  }
  return hitter;
}

/// Of some points beyond the net, the one that is farthest from the opponents.
RallyRules::Point RallyRules::choose_landing(std::span<const float> row) const {
  const auto n = static_cast<std::size_t>(team_size_);
  const std::size_t first = MatchRow::players(n) + 3 * n;  // opponent
  Point best{};
  double most = -1.0;
  for (const double x : {0.45, 0.75}) {
    for (const double y : {-0.6, 0.0, 0.6}) {
      const Point landing{-x * half_length_, y * half_width_, 0.1};
      double nearest = 1e9;
      for (int k = 0; k < team_size_; ++k) {
        nearest = std::min(
            nearest, distance_xy(read(row, first + 3 * static_cast<std::size_t>(k)), landing));
      }
      if (nearest > most) {
        most = nearest;
        best = landing;
      }
    }
  }
  return best;
}

RallyRules::Point RallyRules::waiting_place(int player, const RallyPlan& plan) const {
  const auto k = static_cast<std::size_t>(player);
  Point place = home_[k];
  place[0] = std::clamp(place[0] + plan.shift[k][0], kNetRoom, half_length_);
  place[1] = std::clamp(place[1] + plan.shift[k][1], -half_width_, half_width_);
  return place;
}

/// Home, or beside the meeting if home is too near to it.
RallyRules::Point RallyRules::choose_place(std::span<const float> row, const Point& home,
                                           bool gives_way, const Point& meeting) const {
  Point place = home;
  const double range = distance_xy(place, meeting);
  if (gives_way && range < kRoom) {
    const double scale = kRoom / std::max(range, 0.1);
    place[0] = meeting[0] + (place[0] - meeting[0]) * scale;
    place[1] = meeting[1] + (place[1] - meeting[1]) * scale;
    place[0] = std::max(place[0], kNetRoom);
  }
  const Point pos = read(row, MatchRow::kPos);
  const double far = std::hypot(place[0] - pos[0], place[1] - pos[1], place[2] - pos[2]);
  if (far > kFar) {
    for (std::size_t k = 0; k < 3; ++k) {
      place[k] = pos[k] + (place[k] - pos[k]) * kFar / far;
    }
  }
  return place;
}

RallyPlan RallyRules::make_plan(std::span<const float> rows) const {
  return {.landing = choose_landing(row_of(rows, 0)), .net_top = net_height_ + kSpare};
}

void RallyRules::order(std::span<const float> rows, const RallyPlan& plan,
                       std::span<SkillOrder> orders) const {
  Point meeting{};
  const int hitter = choose_hitter(rows, plan, meeting);
  for (int i = 0; i < team_size_; ++i) {
    const Point place = choose_place(row_of(rows, i), waiting_place(i, plan), hitter >= 0, meeting);
    orders[static_cast<std::size_t>(i)] =
        i == hitter ? SkillOrder{SkillOrder::kHit, plan.landing, plan.net_top}
                    : SkillOrder{SkillOrder::kGoto, place, 0.0};
  }
}

void RallyRules::show(std::span<const float> row, const SkillOrder& order,
                      std::span<float> out) const {
  const std::span<const float> attitude = row.subspan(MatchRow::kAttitude, kAttitudeDim);
  const auto to_target = [&](std::size_t k) {
    return static_cast<float>(order.target[k] - double{row[MatchRow::kPos + k]});
  };
  auto to = out.begin();
  if (order.skill == SkillOrder::kGoto) {
    for (std::size_t k = 0; k < 3; ++k) {
      *to++ = to_target(k);
    }
    to = std::ranges::copy(attitude, to).out;
    for (std::size_t k = 0; k < 3; ++k) {  // turned away from the net, as a match begins
      *to++ = (k == 0 ? 1.0F : 0.0F) - row[MatchRow::kHeading + k];
    }
    return;
  }
  to = std::ranges::copy(row.subspan(MatchRow::kPos, 3), to).out;
  to = std::ranges::copy(attitude, to).out;
  to = std::ranges::copy(row.subspan(MatchRow::kBall, 6), to).out;
  for (std::size_t k = 0; k < 3; ++k) {
    *to++ = to_target(k);
  }
  *to++ = 1.0F;
  const Vec3<double> pos = read_vector(row, MatchRow::kPos);
  const BallAim<double> aim =
      aim_ball<double>(ball_of(row), pos.z + racket_,
                       {physics::load3(order.target.data()), order.net_top}, restitution_);
  const Vec3<double> meeting = aim.meeting - pos;
  for (const double number : {meeting.x, meeting.y, meeting.z, aim.time, aim.normal.x, aim.normal.y,
                              aim.normal.z, aim.speed}) {
    *to++ = static_cast<float>(number);
  }
}

}  // namespace fleet::tasks
