#pragma once

#include <string>
#include <vector>

#include "envs/batch_env.h"

namespace fleet {

/// Whether a policy that was trained in one env can act in another, and in what it would err.
struct ContractFit {
  std::string misfit;                    ///< why it cannot act there, by the first; "" if it can
  std::vector<std::string> differences;  ///< contract fields, as PolicyContract names them
};

/// Compares what policy and robot agree on: observations, actions, gains and the control rate.
ContractFit compare_contracts(const envs::EnvSpec& trained, const envs::EnvSpec& judged);

}  // namespace fleet
