#include "apps/onnx/policy_record.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/files/file_error.h"
#include "apps/files/json_reader.h"
#include "apps/onnx/object_reader.h"

namespace fleet::onnx_files {
namespace {

using files::FileError;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr double kLargest = ObjectReader::kLargest;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// One array of the contract: its key, its numbers, and what they may be.
struct Column {
  const char* key;
  std::vector<double> PolicyContract::* values;
  bool is_optional;  // empty, or one number for each action
  double least;
  double null = kInfinity;  // what null stands for
};
constexpr Column kColumns[] = {
    {"action_scale", &PolicyContract::action_scale, false, -kLargest},
    {"action_offset", &PolicyContract::action_offset, false, -kLargest},
    {"action_bound", &PolicyContract::action_bound, false, 0.0},
    {"stiffness", &PolicyContract::stiffness, true, 0.0},
    {"damping", &PolicyContract::damping, true, 0.0},
    {"effort_limit", &PolicyContract::effort_limit, true, 0.0},
    {"armature", &PolicyContract::armature, true, 0.0},
    {"position_lower", &PolicyContract::position_lower, true, -kLargest, -kInfinity},
    {"position_upper", &PolicyContract::position_upper, true, -kLargest},
    {"hard_lower", &PolicyContract::hard_lower, true, -kLargest, -kInfinity},
    {"hard_upper", &PolicyContract::hard_upper, true, -kLargest},
    {"velocity_limit", &PolicyContract::velocity_limit, true, 0.0},
};

ordered_json to_json(const std::vector<double>& values) {
  ordered_json list = ordered_json::array();
  for (const double value : values) {
    list.push_back(std::isfinite(value) ? ordered_json(value) : ordered_json());
  }
  return list;
}

ordered_json to_json(const ObservationTerm& term) {
  return {{"name", term.name},   {"dim", term.dim},     {"unit", term.unit},
          {"frame", term.frame}, {"noise", term.noise}, {"scale", term.scale}};
}

ordered_json to_json(const Provenance& from) {
  return {{"task", from.task},
          {"judged_on", from.judged_on},
          {"algorithm", from.algorithm},
          {"seed", from.seed},
          {"env_steps", from.env_steps},
          {"policy_sha256", from.policy_sha256},
          {"config_sha256", from.config_sha256},
          {"robot_sha256", from.robot_sha256},
          {"versions", from.versions},
          {"figures", from.figures}};
}

ObservationTerm read_term(const json& value, const std::string& file) {
  const ObjectReader in(value, file);
  return {.name = in.text("name"),
          .dim = static_cast<int>(in.number("dim", 1.0, 65'536.0)),
          .unit = in.text("unit"),
          .frame = in.text("frame"),
          .noise = in.number("noise", 0.0, kLargest),
          .scale = in.number("scale", -kLargest, kLargest)};
}

Provenance read_provenance(const ObjectReader& in, const std::string& file) {
  Provenance to;
  to.task = in.text("task");
  to.judged_on = in.text("judged_on");
  to.algorithm = in.text("algorithm");
  to.seed = files::require_count(in.value(), "seed", file);
  to.env_steps = in.text("env_steps");
  to.policy_sha256 = in.text("policy_sha256");
  to.config_sha256 = in.text("config_sha256");
  to.robot_sha256 = in.text("robot_sha256");
  const ObjectReader versions = in.object("versions");
  for (const auto& [key, value] : versions.value().items()) {
    to.versions[key] = versions.text(key.c_str());
  }
  const ObjectReader figures = in.object("figures");
  for (const auto& [key, value] : figures.value().items()) {
    to.figures[key] = figures.number(key.c_str(), -kLargest, kLargest);
  }
  return to;
}

void check_order(const ObjectReader& in, const std::vector<double>& lower,
                 const std::vector<double>& upper, const char* key) {
  in.check(std::ranges::equal(lower, upper, std::less_equal<>()), key,
           "expected as many as the lower limits, none below its own");
}

PolicyContract read_contract(const ObjectReader& in) {
  PolicyContract to;
  to.task = in.text("task");
  to.robot = in.text("robot");
  to.control_period = in.number("control_period", 1e-4, 10.0);
  to.physics_timestep = in.number("physics_timestep", 1e-6, 10.0);
  in.check(to.physics_timestep <= to.control_period * (1.0 + 1e-9), "physics_timestep",
           "is longer than the control period");
  to.action_names = in.texts("action_names");
  in.check(!to.action_names.empty(), "action_names", "is empty");
  for (const Column& column : kColumns) {
    std::vector<double>& values = to.*column.values;
    values = in.numbers(column.key, column.least, column.null);
    in.check(values.size() == to.action_names.size() || (column.is_optional && values.empty()),
             column.key, "expected one number for each of action_names");
  }
  check_order(in, to.position_lower, to.position_upper, "position_upper");
  check_order(in, to.hard_lower, to.hard_upper, "hard_upper");
  to.command_names = in.texts("command_names");
  to.command_lower = in.numbers("command_lower", -kLargest);
  to.command_upper = in.numbers("command_upper", -kLargest);
  in.check(to.command_lower.size() == to.command_names.size() &&
               to.command_upper.size() == to.command_names.size(),
           "command_names", "expected as many as command_lower and command_upper");
  return to;
}

}  // namespace

int PolicyRecord::observation_dim() const {
  int sum = 0;
  for (const ObservationTerm& term : observation) {
    sum += term.dim;
  }
  return sum;
}

std::string record_text(const PolicyRecord& record) {
  const PolicyContract& contract = record.contract;
  ordered_json json;
  json["schema_version"] = kRecordVersion;
  json["task"] = contract.task;
  json["robot"] = contract.robot;
  json["control_period"] = contract.control_period;
  json["physics_timestep"] = contract.physics_timestep;
  json["action_names"] = contract.action_names;
  for (const Column& column : kColumns) {
    json[column.key] = to_json(contract.*column.values);
  }
  json["command_names"] = contract.command_names;
  json["command_lower"] = to_json(contract.command_lower);
  json["command_upper"] = to_json(contract.command_upper);
  json["observation"] = ordered_json::array();
  for (const ObservationTerm& term : record.observation) {
    json["observation"].push_back(to_json(term));
  }
  json["action_delay"] = record.action_delay;
  json["observation_delay"] = record.observation_delay;
  json["provenance"] = to_json(record.provenance);
  return json.dump(2) + "\n";
}

PolicyRecord parse_record(std::string_view text, const std::string& file) {
  const json root = files::parse_json(text, file);
  const std::int64_t version = files::require_integer(root, "schema_version", file);
  if (version != kRecordVersion) {
    throw FileError(file, "key 'schema_version'",
                    fmt::format("is {}; this program reads {}", version, kRecordVersion));
  }
  const ObjectReader in(root, file);
  PolicyRecord record;
  record.contract = read_contract(in);
  for (const json& term : in.list("observation")) {
    record.observation.push_back(read_term(term, file));
  }
  in.check(record.observation_dim() >= 1 && record.observation_dim() <= 65'536, "observation",
           "expected rows of 1 to 65536 numbers");
  record.action_delay = in.range("action_delay");
  record.observation_delay = in.range("observation_delay");
  record.provenance = read_provenance(in.object("provenance"), file);
  return record;
}

}  // namespace fleet::onnx_files
