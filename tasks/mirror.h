#pragma once

#include <string>
#include <vector>

#include "cuda/policy_contract.h"
#include "sim/robot_config.h"

// Mirrors of rows under the reflection y -> -y of the whole world, which swaps left and right.

namespace fleet::tasks {

/// Each name goes to the one with left and right swapped. @param with_signs whether the names that
/// `symmetry.negate` matches change their sign @param owner begins the message of an error
/// @throws std::runtime_error if a name has no mirror image
Mirror mirror_of_names(const std::vector<std::string>& names, const sim::Symmetry& symmetry,
                       bool with_signs, const std::string& owner);

/// Components stay where they are, with these signs.
Mirror mirror_of_signs(std::vector<float> sign);

/// Of (x, y, z); of a pseudovector such as an angular velocity; of a command (vx, vy, wz).
Mirror mirror_of_vector();
Mirror mirror_of_rotation();
Mirror mirror_of_command();

/// Each element of `mirror` stands for a vector that is itself mirrored by `inner`.
Mirror nested(const Mirror& mirror, const Mirror& inner);

/// Appends the mirror of a row's next term.
void append(const Mirror& term, Mirror& row);

}  // namespace fleet::tasks
