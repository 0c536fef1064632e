#pragma once

#include <cstdint>

#include "cuda/field.h"

namespace fleet {

/// What a run counts, saved and restored with the rest.
struct Progress {
  std::int64_t iteration = 0;
  std::int64_t env_steps = 0;
  std::int64_t num_divergences = 0;  ///< worlds
  double training_time = 0.0;        ///< s, over all its pieces
  double mean_return = 0.0;          ///< of the newest iteration in which an episode ended
  double mean_length = 0.0;

  Fields state() {
    return {make_field("run/iteration", {1}, &iteration),
            make_field("run/env_steps", {1}, &env_steps),
            make_field("run/num_divergences", {1}, &num_divergences),
            make_field("run/training_time", {1}, &training_time),
            make_field("run/mean_return", {1}, &mean_return),
            make_field("run/mean_length", {1}, &mean_length)};
  }
};

}  // namespace fleet
