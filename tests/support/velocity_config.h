#pragma once

#include <optional>
#include <string>
#include <utility>

#include "apps/config/config_node.h"
#include "apps/config/config_reader.h"
#include "tasks/velocity/velocity_config.h"

// Reads configs/ without the rest of the program.

namespace fleet::testing {

inline const std::string kAssetDir = FLEET_SOURCE_DIR "/third_party/assets";

/// The `velocity` section of configs/tasks/<task>.yaml, over its robot's file.
inline tasks::VelocityConfig load_velocity_config(const std::string& task) {
  const auto load = [](const std::string& name) {
    return config::load_yaml(FLEET_SOURCE_DIR "/configs/" + name + ".yaml");
  };
  config::Node root = config::resolve_bases(
      load("tasks/" + task), [&](const std::string& base) -> std::optional<config::Node> {
        return load("tasks/" + base);
      });
  tasks::VelocityConfig result;
  config::read_config(load("robots/" + root.find("robot")->scalar), result.robot);
  config::read_config(*root.find("velocity"), result, "velocity");
  return result;
}

}  // namespace fleet::testing
