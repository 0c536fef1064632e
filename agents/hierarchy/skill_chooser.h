#pragma once

#include <span>

#include "cuda/batch_view.h"

namespace fleet::agents {

/// The high level of a team: says, row by row, which skill acts and what it is shown.
class SkillChooser {
 public:
  SkillChooser() = default;
  virtual ~SkillChooser() = default;
  SkillChooser(const SkillChooser&) = delete;
  SkillChooser& operator=(const SkillChooser&) = delete;

  /// It may remember, of each team, what it was shown in the control step before.
  /// @param observation (num_rows, dim) of whole teams, one after the other
  /// @param skill (num_rows)  @param shown (num_rows, SkillSet::max_dim())
  virtual void choose(BatchView<const float> observation, std::span<int> skill,
                      BatchView<float> shown) = 0;
};

}  // namespace fleet::agents
