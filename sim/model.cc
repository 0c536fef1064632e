#include "sim/model.h"

#include <array>
#include <limits>
#include <regex>
#include <stdexcept>

namespace fleet::sim {
namespace {

constexpr int kOldestVersion = 4000001;  // 4.0.0 factors the sparse Hessian wrongly

std::string one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n') {
      c = ' ';
    }
  }
  while (!text.empty() && text.back() == ' ') {
    text.pop_back();
  }
  return text;
}

void ignore_warning(const char* /*message*/) {}

[[noreturn]] void throw_error(const char* message) { throw std::runtime_error(one_line(message)); }

}  // namespace

void initialise_mujoco() {
  if (mj_version() < kOldestVersion) {
    throw std::runtime_error("MuJoCo " + std::string(mj_versionString()) +
                             " found, 4.0.1 or newer expected");
  }
  mju_user_warning = ignore_warning;
  mju_user_error = throw_error;
}

ModelPtr load_model(const std::string& file) {
  std::array<char, 1000> error{};
  ModelPtr model(mj_loadXML(file.c_str(), nullptr, error.data(), error.size()));
  if (!model) {
    throw std::runtime_error(file + ": " + one_line(error.data()));
  }
  return model;
}

DataPtr make_data(const mjModel& model) {
  DataPtr data(mj_makeData(&model));
  if (!data) {
    throw std::runtime_error("out of memory for the state of a world");
  }
  return data;
}

int id_of(const mjModel& model, mjtObj type, const std::string& name) {
  const int id = mj_name2id(&model, type, name.c_str());
  if (id >= 0) {
    return id;
  }
  std::string known;
  for (const std::string& other : names_of(model, type)) {
    if (!other.empty() && known.size() < 400) {
      known += (known.empty() ? "" : ", ") + other;
    }
  }
  throw std::runtime_error("the model has no " + std::string(mju_type2Str(type)) + " named '" +
                           name + "'; it has: " + known);
}

std::array<double, 2> joint_range(const mjModel& model, int joint) {
  constexpr double kNone = std::numeric_limits<double>::infinity();
  const mjtNum* const range = model.jnt_range + 2 * joint;
  return model.jnt_limited[joint] ? std::array<double, 2>{range[0], range[1]}
                                  : std::array<double, 2>{-kNone, kNone};
}

bool matches(const std::string& name, const std::string& pattern) {
  return std::regex_match(name, std::regex(pattern));
}

std::vector<std::string> names_of(const mjModel& model, mjtObj type) {
  std::vector<std::string> names;
  const auto append = [&](mjtSize count) {
    for (mjtSize id = 0; id < count; ++id) {
      const char* name = mj_id2name(&model, type, static_cast<int>(id));
      names.emplace_back(name != nullptr ? name : "");
    }
  };
  switch (type) {
    case mjOBJ_BODY:
      append(model.nbody);
      break;
    case mjOBJ_JOINT:
      append(model.njnt);
      break;
    case mjOBJ_GEOM:
      append(model.ngeom);
      break;
    case mjOBJ_SITE:
      append(model.nsite);
      break;
    case mjOBJ_SENSOR:
      append(model.nsensor);
      break;
    case mjOBJ_ACTUATOR:
      append(model.nu);
      break;
    default:
      break;
  }
  return names;
}

}  // namespace fleet::sim
