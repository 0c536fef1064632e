#include "apps/run_config.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "apps/config/config_node.h"
#include "apps/config/config_reader.h"

namespace fleet {
namespace {

namespace fs = std::filesystem;
using config::ConfigError;
using config::Node;

std::string config_file(const std::string& kind, const std::string& name) {
  return root_folder() + "/configs/" + kind + '/' + name + ".yaml";
}

std::vector<std::string> names_in(const std::string& kind) {
  const fs::path folder = root_folder() + "/configs/" + kind;
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") {
      names.push_back(fs::relative(entry.path(), folder).replace_extension().string());
    }
  }
  std::ranges::sort(names);
  return names;
}

/// @throws ConfigError with the nearest name if configs/KIND/NAME.yaml does not exist
Node load_named(const std::string& kind, const std::string& name) {
  const std::vector<std::string> names = names_in(kind);
  if (std::ranges::find(names, name) == names.end()) {
    const config::Place place{.file = std::make_shared<const std::string>("command line")};
    throw ConfigError(place, "",
                      "no " + kind.substr(0, kind.size() - 1) + " is called '" + name + "'" +
                          config::suggest(name, names));
  }
  return config::resolve_bases(config::load_yaml(config_file(kind, name)),
                               [&](const std::string& base) -> std::optional<Node> {
                                 if (std::ranges::find(names, base) == names.end()) {
                                   return std::nullopt;
                                 }
                                 return config::load_yaml(config_file(kind, base));
                               });
}

std::string take_text(Node& node, const std::string& key, const std::string& otherwise) {
  const std::optional<Node> value = node.take(key);
  return value && value->kind == Node::Kind::kScalar ? value->scalar : otherwise;
}

Node scalar(const std::string& text) {
  return {.kind = Node::Kind::kScalar, .scalar = text, .is_quoted = true};
}

/// `robot: go1` stands for the contents of configs/robots/go1.yaml, below what the task itself
/// says; so does `drone: iris`, in a task of the family `volley`.
void insert_robot(Node& task, const std::string& key, const std::string& family) {
  const std::string robot = take_text(task, key, "");
  if (robot.empty()) {
    return;
  }
  Node of_family;
  of_family.entries.emplace_back(key, load_named(key + 's', robot));
  Node under;
  under.entries.emplace_back(family, std::move(of_family));
  config::merge(under, std::move(task));
  task = std::move(under);
}

/// A task may say how each preset is to be set up for it: `agents: {ppo: {...}}`.
Node agent_settings(Node& task, const std::string& preset) {
  std::optional<Node> agents = task.take("agents");
  std::optional<Node> own = agents ? agents->take(preset) : std::nullopt;
  return own ? std::move(*own) : Node{};
}

RunConfig read(const Node& root) {
  RunConfig config;
  // Which sections exist depends on the task and the algorithm, so these two are read first.
  const auto text = [&](const char* key, std::string& value) {
    if (const Node* node = root.find(key)) {
      value = node->scalar;
    }
  };
  text("task", config.env.task);
  text("algorithm", config.agent.name);
  config::read_config(root, config);
  return config;
}

}  // namespace

std::string root_folder() {
  const char* const root = std::getenv("FLEET_ROOT");
  return root != nullptr ? root : FLEET_SOURCE_DIR;
}

std::vector<std::string> task_names() { return names_in("tasks"); }

RunConfig load_run_config(const std::string& task, const Overrides& overrides) {
  Node task_node = load_named("tasks", task);
  const std::string own_preset = take_text(task_node, "agent", "ppo");
  const std::string preset = overrides.preset.empty() ? own_preset : overrides.preset;
  Node settings = agent_settings(task_node, overrides.task_only ? "" : preset);
  insert_robot(task_node, "robot", "velocity");
  insert_robot(task_node, "drone", "volley");
  Node root = load_named("agents", preset);
  config::merge(root, std::move(task_node));
  config::merge(root, std::move(settings));
  Node names;
  names.entries = {{"name", scalar(task)}, {"preset", scalar(preset)}};
  config::merge(root, std::move(names));
  for (const std::string& assignment : overrides.assignments) {
    config::apply_override(root, assignment);
  }
  return read(root);
}

std::string name_of(envs::Backend backend) {
  return names_of(backend).at(static_cast<std::size_t>(backend));
}

std::vector<std::string> on_mujoco(std::vector<std::string> assignments) {
  assignments.insert(assignments.begin(), "options.backend=mujoco");
  return assignments;
}

RunConfig parse_run_config(const std::string& yaml, const std::string& file) {
  return read(config::parse_yaml(yaml, file));
}

RunConfig load_run_folder(const std::string& folder, const std::vector<std::string>& assignments) {
  Node root = config::load_yaml(folder + "/params/run.yaml");
  for (const std::string& assignment : assignments) {
    config::apply_override(root, assignment);
  }
  return read(root);
}

}  // namespace fleet
