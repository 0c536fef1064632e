#pragma once

#include <string>

#include "apps/onnx/policy_record.h"

namespace fleet::onnx_files {

/// The record as the deploy.yaml that Unitree's C++ controllers (unitree_rl_mjlab, unitree_rl_lab)
/// read, term names as in Isaac Lab; joint_ids_map is the identity, because which motor a joint is
/// wired to is not known here. Targets are not clipped: the bound of actions is inside the graph,
/// and training knows no other. Numbers in full precision.
std::string deploy_yaml(const PolicyRecord& record);

}  // namespace fleet::onnx_files
