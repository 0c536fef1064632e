#include "tasks/volley/volley_task.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace fleet::tasks {
namespace {

/// The columns of a task, in the order in which its terms write them.
struct Columns {
  std::vector<std::string> rewards, terminations, metrics;
  std::size_t num_guides = 0;  ///< of the rewards, the last: weigh nothing unless a file says so
};

Columns columns_of(VolleyKind kind) {
  switch (kind) {
    case VolleyKind::kHover:
      return {{"close", "upright", "spin", "effort"}, {"fell", "strayed"}, {"distance"}};
    case VolleyKind::kBackAndForth:
      return {{"near", "stay", "fault"}, {"height", "strayed"}, {"targets"}};
    case VolleyKind::kHitTheBall:
      return {{"hit", "stray", "landing", "wrong_hit", "drone_fault", "ball_fault"},
              {"landed", "wrong_hit", "drone_fault", "ball_fault"},
              {"distance", "hits"}};
    case VolleyKind::kSoloBump:
      return {{"high_hit", "hit", "shaping", "wrong_hit", "drone_fault", "ball_fault"},
              {"wrong_hit", "drone_fault", "ball_fault"},
              {"height_hits", "hits"}};
    case VolleyKind::kBumpAndPass:
      return {{"hit", "cross", "stray", "near", "aim", "ball_fault", "drone_fault", "wrong_hit",
               "meeting", "goal"},
              {"ball_fault", "drone_fault", "wrong_hit"},
              {"crosses"},
              2};
    case VolleyKind::kSetAndSpike:
    case VolleyKind::kSetAndSpikeHard:
      return {{"hit", "downwards", "cross", "success", "stray", "near", "aim", "spike", "fault",
               "wrong_hit", "meeting", "goal"},
              {"success", "ball_fault", "drone_fault", "wrong_hit"},
              {"stages", "success"},
              2};
    case VolleyKind::kAimedHit:
      return {{"near", "hit", "aim", "calm", "wrong_hit", "drone_fault", "ball_fault"},
              {"played", "wrong_hit", "drone_fault", "ball_fault"},
              {"hit", "over_net", "error"}};
    case VolleyKind::kMatch:
      return {{"result", "hit", "near_ball", "position", "crash", "too_close", "meeting", "across"},
              {kFaultNames.begin(), kFaultNames.end()},
              {"won", "lost", "drawn", "crossings", "own_hits", "other_hits", "serving", "fault"},
              2};
  }
  throw std::invalid_argument("volley.kind: unknown");
}

void add_terms(ObservationGroup& group, std::vector<ObservationTerm> terms) {
  std::ranges::move(terms, std::back_inserter(group.terms));
}

/// How a ball has to be met, as write_aim() has it.
void add_aim(ObservationGroup& group) {
  add_terms(group, {{.name = "meeting", .dim = 3, .unit = "m", .frame = "world, relative"},
                    {.name = "meeting_time", .dim = 1, .unit = "s", .frame = "from now"},
                    {.name = "aim_normal", .dim = 3, .unit = "1", .frame = "world"},
                    {.name = "aim_speed", .dim = 1, .unit = "m/s", .frame = "along it"}});
}

/// A player's own state, as write_attitude() has it.
void add_attitude(ObservationGroup& group) {
  add_terms(group, {{.name = "quat", .dim = 4, .unit = "1", .frame = "world"},
                    {.name = "velocity", .dim = 3, .unit = "m/s", .frame = "world"},
                    {.name = "rate", .dim = 3, .unit = "rad/s", .frame = "world"},
                    {.name = "heading", .dim = 3, .unit = "1", .frame = "world"},
                    {.name = "up", .dim = 3, .unit = "1", .frame = "world"},
                    {.name = "throttle", .dim = 4, .unit = "1", .frame = "-1 to 1"}});
}

ObservationGroup observation_of(const VolleyConfig& config) {
  ObservationGroup group{.name = "actor", .noisy = false, .terms = {}};
  const ObservationTerm pos{.name = "pos", .dim = 3, .unit = "m", .frame = "world"};
  const ObservationTerm anchor{.name = "from_anchor", .dim = 3, .unit = "m", .frame = "world"};
  const ObservationTerm target{.name = "to_target", .dim = 3, .unit = "m", .frame = "world"};
  const ObservationTerm ball{.name = "ball", .dim = 3, .unit = "m", .frame = "world, relative"};
  const ObservationTerm flight{.name = "ball_velocity", .dim = 3, .unit = "m/s", .frame = "world"};
  const ObservationTerm other{.name = "other", .dim = 3, .unit = "m", .frame = "world, relative"};
  const auto flags = [](const char* name, int dim) {
    return ObservationTerm{.name = name, .dim = dim, .unit = "1", .frame = "flags"};
  };
  const int n = config.team_size;
  switch (config.kind) {
    case VolleyKind::kHover:
      add_terms(group, {target});
      add_attitude(group);
      add_terms(group, {{.name = "heading_error", .dim = 3, .unit = "1", .frame = "world"}});
      break;
    case VolleyKind::kBackAndForth:
      add_terms(group, {pos});
      add_attitude(group);
      add_terms(group, {target});
      break;
    case VolleyKind::kHitTheBall:
    case VolleyKind::kSoloBump:
      add_terms(group, {pos});
      add_attitude(group);
      add_terms(group, {anchor, ball, flight});
      break;
    case VolleyKind::kAimedHit:
      add_terms(group, {pos});
      add_attitude(group);
      add_terms(group, {ball, flight, target, flags("may_hit", 1)});
      add_aim(group);
      break;
    case VolleyKind::kBumpAndPass:
    case VolleyKind::kSetAndSpike:
    case VolleyKind::kSetAndSpikeHard:
      add_terms(group, {pos});
      add_attitude(group);
      add_terms(group, {anchor, other, ball, flight});
      add_terms(group, {flags("turn", config.kind == VolleyKind::kBumpAndPass ? 2 : 3),
                        flags("player", 2)});
      if (config.observe_aim) {
        add_aim(group);
      }
      break;
    case VolleyKind::kMatch:
      add_terms(group, {pos});
      add_attitude(group);
      add_terms(group, {anchor});
      if (n == 1) {
        add_terms(group, {other, ball, flight, flags("may_hit", 2)});
      } else {
        add_terms(group, {ball,
                          flight,
                          flags("ball_is_here", 2),
                          flags("player", n),
                          flags("may_hit", 2),
                          {.name = "players", .dim = 6 * n, .unit = "m", .frame = "world"}});
      }
      if (config.observe_aim) {
        add_aim(group);
        add_terms(group, {flags("to_play", 1)});
      }
      break;
  }
  return group;
}

PolicyContract make_contract(const VolleyConfig& config) {
  PolicyContract contract;
  contract.task = VolleyTask::kName;
  contract.control_period = config.timestep * config.substeps;
  contract.physics_timestep = config.timestep;
  const bool rates = config.drone.interface == DroneInterface::kBodyRate;
  contract.action_names =
      rates ? std::vector<std::string>{"roll_rate", "pitch_rate", "yaw_rate", "thrust"}
            : std::vector<std::string>{"rotor0", "rotor1", "rotor2", "rotor3"};
  // What an action stands for: rad/s, or a share of the largest thrust.
  contract.action_scale.assign(4, 0.5);
  contract.action_offset.assign(4, 0.5);
  for (std::size_t k = 0; k < 3 && rates; ++k) {
    contract.action_scale[k] = config.drone.max_rate[k];
    contract.action_offset[k] = 0.0;
  }
  contract.action_bound.assign(4, 1.0);
  return contract;
}

std::vector<double> weights_of(const VolleyConfig& config, const Columns& columns) {
  const std::vector<std::string>& terms = columns.rewards;
  std::vector<double> weights(terms.size(), 1.0);
  std::fill_n(weights.rbegin(), columns.num_guides, 0.0);
  for (const auto& [name, weight] : config.reward) {
    const auto found = std::ranges::find(terms, name);
    if (found == terms.end()) {
      std::string known;
      for (const std::string& term : terms) {
        known += (known.empty() ? "" : ", ") + term;
      }
      throw std::runtime_error("volley.reward: '" + name + "' is none of " + known);
    }
    weights[static_cast<std::size_t>(found - terms.begin())] = weight;
  }
  return weights;
}

BounceNumbers bounce_numbers(const VolleyConfig& config) {
  const DroneConfig& drone = config.drone;
  return {.timestep = config.timestep,
          .ball_mass = config.ball.mass,
          .ball_radius = config.ball.radius,
          .drone_restitution = config.ball.drone_restitution,
          .floor_restitution = config.ball.floor_restitution,
          .racket_radius = drone.racket_radius,
          .racket_height = drone.racket_height,
          .half_box = {0.5 * drone.box[0], 0.5 * drone.box[1], 0.5 * drone.box[2]}};
}

}  // namespace

VolleyNumbers::VolleyNumbers(const VolleyConfig& config)
    : kind(config.kind),
      num_players(config.num_players()),
      team_size(config.team_size),
      control_period(config.timestep * config.substeps),
      drone(config.drone, config.timestep),
      bounce(bounce_numbers(config)),
      net_height(config.court.net_height),
      net_depth(config.rules == VolleyRules::kUpstream && kind == VolleyKind::kMatch ? 0.3 : 0.1),
      shaping(config.shaping),
      observe_aim(config.observe_aim),
      any_touch_counts(config.rules == VolleyRules::kUpstream) {
  constexpr double kFastest = 40.0;  // m/s, of the ball as a drone sees it
  const std::array<double, 3>& half = bounce.half_box;
  const double corner = std::hypot(half[0], half[1], half[2]);
  reach = std::max(corner, std::hypot(bounce.racket_radius, bounce.racket_height)) +
          bounce.ball_radius + kFastest * config.timestep;
  const bool upstream = config.rules == VolleyRules::kUpstream;
  match = {.team_size = team_size,
           .half_length = 0.5 * config.court.length,
           .half_width = 0.5 * config.court.width,
           .turn_by_hit = team_size == 1,
           .crash_is_draw = upstream,
           .out_in_air = upstream && team_size == 1};
  const std::size_t given = config.anchors.size();
  for (std::size_t i = 0; i < anchor.size(); ++i) {
    anchor[i] = config.anchors[i % given];
    if (team(static_cast<int>(i)) % 2 == 1) {
      anchor[i] = {-anchor[i][0], -anchor[i][1], anchor[i][2]};
    }
  }
}

VolleyTask::VolleyTask(const Config& config, const mjModel& model) : config_(config), n_(config) {
  n_.first_body = sim::id_of(model, mjOBJ_BODY, "player0");
  const int bodies = n_.num_players + (config.has_ball() ? 1 : 0) + (config.has_board() ? 1 : 0);
  if (model.nq != 7 * bodies || model.nv != 6 * bodies) {
    throw std::invalid_argument("the model is not build_volley_scene()'s");
  }
  Columns columns = columns_of(config.kind);
  weights_ = weights_of(config, columns);
  n_.has_guides = std::any_of(weights_.rbegin(),
                              weights_.rbegin() + static_cast<std::ptrdiff_t>(columns.num_guides),
                              [](double weight) { return weight != 0.0; });
  spec_.num_players = n_.num_players;
  spec_.num_teams = config.kind == VolleyKind::kMatch ? 2 : 1;
  spec_.action_dim = kRotors;
  spec_.substeps = config.substeps;
  spec_.max_episode_steps =
      static_cast<int>(std::lround(config.episode_length / n_.control_period));
  spec_.observations = {observation_of(config)};
  spec_.reward_terms = std::move(columns.rewards);
  spec_.termination_terms = std::move(columns.terminations);
  spec_.metrics = std::move(columns.metrics);
  spec_.contract = make_contract(config);
}

}  // namespace fleet::tasks
