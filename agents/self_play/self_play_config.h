#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fleet::agents {

/// Whom a learner plays against, in tasks of two teams.
enum class Opponents : std::uint8_t {
  kNone,        ///< no generations are kept; every player learns, as in tasks of one team
  kSelf,        ///< self-play: both teams are the learner
  kPopulation,  ///< fictitious self-play: one team learns, the other is an earlier generation
};
inline std::vector<std::string> names_of(Opponents) { return {"none", "self", "population"}; }

/// Self-play: the learner is copied from time to time, and plays against these generations.
struct SelfPlayConfig {
  Opponents opponents = Opponents::kNone;
  int generation = 100;   ///< iterations after which one more generation is kept
  double present = 0.5;   ///< population: share of games against the learner as it is now; the
                          ///< others are uniform over the generations kept

  void fields(auto&& visit) {
    visit("opponents", opponents);
    visit("generation", generation);
    visit("present", present);
  }
  std::string validate() const {
    return generation < 1                       ? "generation: expected 1 or more iterations"
           : !(present >= 0.0 && present <= 1.0) ? "present: expected 0 to 1"
                                                 : std::string();
  }
};

}  // namespace fleet::agents
