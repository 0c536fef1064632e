#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cuda/batch_view.h"
#include "cuda/field.h"
#include "cuda/policy_contract.h"

namespace fleet::agents {

/// What lies between a high level, which decides for a team at times, and the skills, which act at
/// every control step: when a decision is due, what the high level sees then, and what its decision
/// means for each player until the next.
///
/// Teams are numbered as their rows come. It remembers of each what it decided, under this number.
class Tactics {
 public:
  Tactics() = default;
  virtual ~Tactics() = default;
  Tactics(const Tactics&) = delete;
  Tactics& operator=(const Tactics&) = delete;

  virtual int team_size() const = 0;
  /// What the high level sees of a team.
  virtual const ObservationGroup& observation() const = 0;
  /// The numbers of a decision, each from -1 to 1.
  virtual const std::vector<std::string>& action_names() const = 0;

  /// @param rows (team_size, dim of a player's row)  @param out (observation().dim())
  virtual void see(BatchView<const float> rows, std::span<float> out) const = 0;

  /// To be called once per control step. A team whose rows do not follow from those before, another
  /// game's, has to decide.
  /// @param rows (num_teams * team_size, dim of a player's row)  @param decides (num_teams)
  virtual void find_due(BatchView<const float> rows, std::span<std::uint8_t> decides) = 0;

  /// @param rows (team_size, dim of a player's row)  @param action (action_names().size())
  virtual void decide(int team, BatchView<const float> rows, std::span<const float> action) = 0;

  /// What the decisions mean now.
  /// @param rows as in find_due()  @param skill (num_rows)  @param shown (num_rows, any dim)
  virtual void order(BatchView<const float> rows, std::span<int> skill,
                     BatchView<float> shown) const = 0;

  /// What it remembers of as many teams as find_due() was last shown.
  virtual Fields state() = 0;
};

}  // namespace fleet::agents
