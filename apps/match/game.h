#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "agents/agent.h"
#include "envs/batch_env.h"

namespace fleet {

/// What one game, a rally, came to. Sides: 0 home, 1 away.
struct Game {
  int winner = -1;   ///< -1: a draw
  int server = 0;
  double crossings = 0.0;           ///< of the net
  std::array<double, 2> hits{};     ///< legal ones
  int fault = 0;                    ///< number of the termination term, from 1; 0: time was up
};

/// Lets two policies play one game in every env of a match: home is team 0 in the first half of
/// the envs, team 1 in the others. Ends early, with games that mean nothing, if the user
/// interrupts.
/// @throws std::invalid_argument if the envs' metrics are not those of a match
std::vector<Game> play_games(envs::BatchEnv& env, const agents::Agent& home,
                             const agents::Agent& away, std::uint64_t seed);

}  // namespace fleet
