#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

// The numbers of drone volleyball. A drone is data: configs/drones/*.yaml; the defaults are the Iris.

namespace fleet::tasks {

inline constexpr int kMaxPlayers = 12;  ///< in one env
inline constexpr int kRotors = 4;       ///< of a drone

enum class VolleyKind : std::uint8_t {
  kHover, kBackAndForth, kHitTheBall, kSoloBump, kBumpAndPass, kSetAndSpike, kSetAndSpikeHard,
  kMatch, kAimedHit
};
inline std::vector<std::string> names_of(VolleyKind) {
  return {"hover",         "back_and_forth", "hit_the_ball",        "solo_bump",
          "bump_and_pass", "set_and_spike",  "set_and_spike_hard", "match",
          "aimed_hit"};
}

/// What an action is: a command per rotor, or three body rates and the sum of thrusts.
enum class DroneInterface : std::uint8_t { kRotorThrust, kBodyRate };
inline std::vector<std::string> names_of(DroneInterface) { return {"rotor_thrust", "body_rate"}; }

/// Whose rules: ours, or the original's where the two differ (README.md of this folder).
enum class VolleyRules : std::uint8_t { kFleet, kUpstream };
inline std::vector<std::string> names_of(VolleyRules) { return {"fleet", "upstream"}; }

struct RotorConfig {
  std::array<double, 3> pos{};  ///< m, from the drone's origin
  double spin = 1.0;            ///< +1: counter-clockwise seen from above

  void fields(auto&& visit) {
    visit("pos", pos);
    visit("spin", spin);
  }
};

struct DroneConfig {
  std::string name = "iris";
  double mass = 1.5;          ///< kg, without rotors; their centre is the drone's origin
  double rotor_mass = 0.005;  ///< kg each
  /// kg m^2, without rotors. The Iris' own zz of .0977 exceeds xx + yy: no body has such.
  std::array<double, 3> inertia{0.0347563, 0.0458929, 0.0806};
  std::vector<RotorConfig> rotors{{.pos = {0.13, -0.22, 0.023}, .spin = 1.0},
                                  {.pos = {-0.13, 0.20, 0.023}, .spin = 1.0},
                                  {.pos = {0.13, 0.22, 0.023}, .spin = -1.0},
                                  {.pos = {-0.13, -0.20, 0.023}, .spin = -1.0}};
  double rotor_radius = 0.1;       ///< m, for pictures
  double max_thrust = 6.003189;   ///< N per rotor: 8.54858e-6 N s^2 times (838 rad/s)^2
  double moment_ratio = 0.016;     ///< m: a rotor's drag torque by its thrust
  double motor_time = 0.0356;      ///< s: time constant of a rotor's speed
  double damping = 0.2;            ///< 1/s, of linear and angular velocity
  std::array<double, 3> box{0.47, 0.47, 0.11};  ///< m, full sizes of the body that balls meet
  double racket_radius = 0.2;      ///< m
  double racket_height = 0.055;    ///< m above the origin
  DroneInterface interface = DroneInterface::kRotorThrust;
  std::array<double, 3> max_rate{2.5133, 2.5133, 2.5133};  ///< rad/s at an action of 1
  std::array<double, 3> rate_gain{20.0, 20.0, 5.0};        ///< 1/s: acceleration by error of rate

  void fields(auto&& visit) {
    visit("name", name);
    visit("mass", mass);
    visit("rotor_mass", rotor_mass);
    visit("inertia", inertia);
    visit("rotors", rotors);
    visit("rotor_radius", rotor_radius);
    visit("max_thrust", max_thrust);
    visit("moment_ratio", moment_ratio);
    visit("motor_time", motor_time);
    visit("damping", damping);
    visit("box", box);
    visit("racket_radius", racket_radius);
    visit("racket_height", racket_height);
    visit("interface", interface);
    visit("max_rate", max_rate);
    visit("rate_gain", rate_gain);
  }
  std::string validate() const {
    const auto positive = [](const std::array<double, 3>& x) {
      return x[0] > 0.0 && x[1] > 0.0 && x[2] > 0.0;
    };
    return rotors.size() != kRotors ? "rotors: expected 4"
           : !(mass > 0.0) || !(rotor_mass >= 0.0)
               ? "mass: expected more than 0 kg"
           : !positive(inertia) || inertia[0] + inertia[1] < inertia[2] ||
                   inertia[1] + inertia[2] < inertia[0] || inertia[2] + inertia[0] < inertia[1]
               ? "inertia: expected three positive numbers, none above the sum of the others"
           : !(max_thrust > 0.0) || !(moment_ratio > 0.0) ? "max_thrust: expected more than 0"
           : !(motor_time > 0.0)                          ? "motor_time: expected more than 0 s"
           : !positive(box)                               ? "box: expected positive sizes"
                                                          : std::string();
  }
};

struct BallConfig {
  double radius = 0.1;              ///< m
  double mass = 0.005;              ///< kg
  double drone_restitution = 0.8;   ///< speed after a hit by the speed before
  double floor_restitution = 0.4;

  void fields(auto&& visit) {
    visit("radius", radius);
    visit("mass", mass);
    visit("drone_restitution", drone_restitution);
    visit("floor_restitution", floor_restitution);
  }
  std::string validate() const {
    return !(radius > 0.0) || !(mass > 0.0) ? "radius: expected more than 0 m, and a mass"
                                            : std::string();
  }
};

/// The net is the plane x = 0; team 0 plays where x > 0.
struct CourtConfig {
  double length = 18.0;      ///< m, along x
  double width = 9.0;        ///< m, along y
  double net_height = 2.43;  ///< m

  void fields(auto&& visit) {
    visit("length", length);
    visit("width", width);
    visit("net_height", net_height);
  }
};

struct VolleyConfig {
  VolleyKind kind = VolleyKind::kHover;
  DroneConfig drone;
  BallConfig ball;
  CourtConfig court;
  VolleyRules rules = VolleyRules::kFleet;
  int team_size = 1;  ///< players of a team; tasks other than a match have one team
  /// m, where the players of team 0 belong; the other team's are turned by half a turn about z.
  std::vector<std::array<double, 3>> anchors{{0.0, 0.0, 2.0}};
  int server = 0;  ///< of a team's players, the one that serves
  double serve_height = 3.0;  ///< m, of the ball above who hits it first, when the episode begins
  double timestep = 0.005;       ///< s
  double start_tilt = 0.0;       ///< rad, hover and aimed hit: of a start, at most, about each axis
  double start_speed = 0.0;      ///< m/s and rad/s, the same: along and about each axis, at most
  int substeps = 4;              ///< physics steps per control step
  double episode_length = 10.0;  ///< s
  bool shaping = true;           ///< the rewards that guide towards the first hits
  bool observe_aim = false;  ///< matches, pairs: players see how a ball has to be met, as skills do
  double rally_starts = 0.0;  ///< of match or pair: share of training's episodes that begin after a
                              ///< hit
  std::map<std::string, double> reward;  ///< weights by term; those not named: 1
  bool pictures = true;  ///< the model shows court and rotors; not a setting

  void fields(auto&& visit) {
    visit("kind", kind);
    visit("drone", drone);
    visit("ball", ball);
    visit("court", court);
    visit("rules", rules);
    visit("team_size", team_size);
    visit("anchors", anchors);
    visit("server", server);
    visit("serve_height", serve_height);
    visit("start_tilt", start_tilt);
    visit("start_speed", start_speed);
    visit("timestep", timestep);
    visit("substeps", substeps);
    visit("episode_length", episode_length);
    visit("shaping", shaping);
    visit("observe_aim", observe_aim);
    visit("rally_starts", rally_starts);
    visit("reward", reward);
  }
  int num_players() const { return kind == VolleyKind::kMatch ? 2 * team_size : team_size; }
  bool has_ball() const { return kind != VolleyKind::kHover && kind != VolleyKind::kBackAndForth; }
  bool has_board() const { return kind == VolleyKind::kSetAndSpikeHard; }

  std::string validate() const {
    const bool pair = kind == VolleyKind::kBumpAndPass || kind == VolleyKind::kSetAndSpike ||
                      kind == VolleyKind::kSetAndSpikeHard;
    const bool match = kind == VolleyKind::kMatch;
    const int wanted = pair ? 2 : match ? team_size : 1;
    return team_size != wanted || num_players() > kMaxPlayers || team_size < 1
               ? "team_size: expected 1 to 6 in a match, 2 in a task for two, else 1"
           : kind != VolleyKind::kBackAndForth &&
                   anchors.size() != static_cast<std::size_t>(team_size)
               ? "anchors: expected one for each player of a team"
           : kind == VolleyKind::kBackAndForth && anchors.size() != 2
               ? "anchors: expected the two points to fly between"
           : server < 0 || server >= team_size           ? "server: expected a player of a team"
           : (start_tilt != 0.0 || start_speed != 0.0) && kind != VolleyKind::kHover &&
                   kind != VolleyKind::kAimedHit
               ? "start_tilt: expected only in hover and aimed_hit, and so start_speed"
           : observe_aim && !match && !pair
               ? "observe_aim: expected only in a match or a task for two"
           : rally_starts != 0.0 && !match && !pair
               ? "rally_starts: expected only in a match or a pair"
           : !(rally_starts >= 0.0 && rally_starts <= 1.0) ? "rally_starts: expected 0 to 1"
           : !(start_tilt >= 0.0 && start_tilt <= 3.15) ? "start_tilt: expected 0 to 3.15 rad"
           : !(start_speed >= 0.0 && start_speed <= 20.0) ? "start_speed: expected 0 to 20 m/s"
           : !(timestep > 0.0 && timestep <= 0.02)       ? "timestep: expected 0 to 0.02 s"
           : substeps < 1 || substeps > 100              ? "substeps: expected 1 to 100"
           : !(episode_length >= 0.5 * timestep * substeps && episode_length < 1e6)
               ? "episode_length: expected one control step to 1e6 s"
               : std::string();
  }
};

}  // namespace fleet::tasks
