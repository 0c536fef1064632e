#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/files/atomic_write.h"
#include "apps/files/file_error.h"
#include "apps/files/npy.h"
#include "apps/session.h"
#include "envs/env_buffers.h"

namespace fleet {
namespace {

using files::Array;
using files::FileError;

std::string shape_text(const std::vector<std::int64_t>& shape) {
  return fmt::format("({})", fmt::join(shape, ", "));
}

/// @throws FileError unless the array holds finite floating-point numbers
void require_numbers(const Array& array, const std::string& file, const std::string& place) {
  if (array.dtype != DType::kF32 && array.dtype != DType::kF64) {
    throw FileError(file, place,
                    fmt::format("holds {}; expected float32 or float64", name_of(array.dtype)));
  }
  for (const double value : array.values<double>()) {
    if (!std::isfinite(value)) {
      throw FileError(file, place, "holds a value that is not finite");
    }
  }
}

/// Actions (steps, num_envs, action_dim) from a file.
Array load_actions(const std::string& file) {
  Array actions = files::load_npy(file);
  if (actions.shape.size() != 3 || actions.num_elements() == 0 || actions.shape[1] > INT32_MAX) {
    throw FileError(file, "",
                    "has shape " + shape_text(actions.shape) +
                        "; expected (steps, num_envs, action_dim), none of them 0");
  }
  require_numbers(actions, file, "");
  return actions;
}

/// Where the envs start from, if the user says so.
struct StartState {
  std::vector<double> qpos;  ///< (num_envs, nq)
  std::vector<double> qvel;  ///< (num_envs, nv)
};

StartState load_start(const std::string& file, int num_envs, int nq, int nv) {
  const auto arrays = files::load_npz(file);
  const auto read = [&](const std::string& key, int columns) {
    const std::string place = "key '" + key + "'";
    const auto found = arrays.find(key);
    if (found == arrays.end()) {
      throw FileError(file, place, "is missing; expected qpos and qvel");
    }
    const std::vector<std::int64_t> expected{num_envs, columns};
    if (found->second.shape != expected) {
      throw FileError(
          file, place,
          "has shape " + shape_text(found->second.shape) + "; expected " + shape_text(expected));
    }
    require_numbers(found->second, file, place);
    return found->second.values<double>();
  };
  return {read("qpos", nq), read("qvel", nv)};
}

/// One output array (steps, rows, columns); a step's rows are written as a whole.
class Series {
 public:
  Series(std::string name, std::int64_t steps, int rows, int columns, bool is_double)
      : name_(std::move(name)),
        shape_{steps, rows, columns},
        is_double_(is_double),
        per_step_(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns)) {
    const std::size_t size = per_step_ * static_cast<std::size_t>(steps);
    is_double ? doubles_.reserve(size) : floats_.reserve(size);
  }

  template <class T>
  void append(const T* first) {
    if (is_double_) {
      doubles_.insert(doubles_.end(), first, first + per_step_);
    } else {
      floats_.insert(floats_.end(), first, first + per_step_);
    }
  }
  Field field() {
    return is_double_ ? make_field(name_, shape_, doubles_.data())
                      : make_field(name_, shape_, floats_.data());
  }

 private:
  std::string name_;
  std::vector<std::int64_t> shape_;
  bool is_double_;
  std::size_t per_step_;
  std::vector<float> floats_;
  std::vector<double> doubles_;
};

/// The unrounded copies that a step leaves, and the memory for them.
class Unrounded {
 public:
  explicit Unrounded(const envs::BatchEnv& env) {
    const envs::EnvSpec& spec = env.spec();
    for (const ObservationGroup& group : spec.observations) {
      views.final_observation.push_back(add(spec.num_rows(), group.dim()));
    }
    views.reward_terms = add(spec.num_rows(), static_cast<int>(spec.reward_terms.size()));
    views.qpos = add(spec.num_envs, env.nq());
    views.qvel = add(spec.num_envs, env.nv());
  }
  envs::UnroundedBuffers views;

 private:
  BatchView<double> add(int rows, int columns) {
    const auto size = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
    return {memory_.emplace_back(size).data(), rows, columns};
  }
  std::vector<std::vector<double>> memory_;
};

/// Everything that a step computes, step after step.
class Recording {
 public:
  Recording(envs::BatchEnv& env, std::int64_t steps, bool is_double)
      : spec_(env.spec()), unrounded_(env), reward_(static_cast<std::size_t>(spec_.num_rows())) {
    const int rows = spec_.num_rows();
    for (const ObservationGroup& group : spec_.observations) {
      add("observation/" + group.name, steps, rows, group.dim(), is_double);
    }
    add("reward_terms", steps, rows, static_cast<int>(spec_.reward_terms.size()), is_double);
    add("qpos", steps, spec_.num_envs, env.nq(), true);
    add("qvel", steps, spec_.num_envs, env.nv(), true);
    add("reward", steps, rows, 1, is_double);
    flag_shape_ = {steps, rows};
    truncated_shape_ = {steps, spec_.num_envs};
    env.record(unrounded_.views);
  }

  /// What the env takes in its next steps instead of rounded actions. @param first (rows,
  /// action_dim)
  void set_action(envs::BatchEnv& env, const double* first) {
    unrounded_.views.action = {first, spec_.num_rows(), spec_.action_dim};
    env.record(unrounded_.views);
  }

  void append(const envs::EnvBuffers& buffers) {
    std::size_t at = 0;
    for (const BatchView<double>& group : unrounded_.views.final_observation) {
      series_[at++].append(group.data());
    }
    const BatchView<double>& terms = unrounded_.views.reward_terms;
    series_[at++].append(terms.data());
    series_[at++].append(unrounded_.views.qpos.data());
    series_[at++].append(unrounded_.views.qvel.data());
    for (int row = 0; row < terms.num_rows(); ++row) {
      double sum = 0.0;
      for (const double term : terms.row(row)) {
        sum += term;
      }
      reward_[static_cast<std::size_t>(row)] = sum;
    }
    series_[at].append(reward_.data());
    terminated_.insert(terminated_.end(), buffers.terminated.begin(), buffers.terminated.end());
    truncated_.insert(truncated_.end(), buffers.truncated.begin(), buffers.truncated.end());
  }

  Fields fields() {
    Fields fields;
    for (Series& series : series_) {
      fields.push_back(series.field());
    }
    fields.back().shape.pop_back();  // a reward is one number per row
    fields.push_back(make_field("terminated", flag_shape_, terminated_.data()));
    fields.push_back(make_field("truncated", truncated_shape_, truncated_.data()));
    return fields;
  }

 private:
  void add(std::string name, std::int64_t steps, int rows, int columns, bool is_double) {
    series_.emplace_back(std::move(name), steps, rows, columns, is_double);
  }

  const envs::EnvSpec& spec_;
  Unrounded unrounded_;
  std::vector<Series> series_;
  std::vector<double> reward_;  // (num_rows)
  std::vector<std::uint8_t> terminated_, truncated_;
  std::vector<std::int64_t> flag_shape_, truncated_shape_;
};

void reset(envs::BatchEnv& env, const RolloutArguments& arguments, const envs::EnvBuffers& buffers) {
  if (arguments.state.empty()) {
    env.reset(arguments.seed, buffers.views);
    return;
  }
  const int n = env.spec().num_envs;
  const StartState start = load_start(arguments.state, n, env.nq(), env.nv());
  env.reset_to(arguments.seed, {start.qpos.data(), n, env.nq()}, {start.qvel.data(), n, env.nv()},
               buffers.views);
}

}  // namespace

/// Replays actions and writes what each step computed, before any reset. Arrays of the archive:
/// observation/<group> (steps, rows, dim), reward (steps, rows), reward_terms (steps, rows, terms),
/// terminated (steps, rows), truncated (steps, envs), qpos, qvel (steps, envs, nq or nv).
int rollout(const RolloutArguments& arguments) {
  files::require_writable(arguments.out);
  const Array actions = load_actions(arguments.actions);
  RunConfig config = load_run_config(
      arguments.task, {.assignments = on_mujoco(arguments.assignments), .task_only = true});
  config.env.options.num_envs = static_cast<int>(actions.shape[1]);
  config.env.options.num_threads = arguments.num_threads;
  config.env.options.noise = arguments.noise;
  const auto env = build_env(config.env);
  const envs::EnvSpec& spec = env->spec();
  if (actions.shape[2] != std::int64_t{spec.action_dim} * spec.num_players) {
    throw FileError(arguments.actions, "",
                    fmt::format("has {} actions per env; {} takes {}", actions.shape[2],
                                arguments.task, spec.action_dim * spec.num_players));
  }
  envs::EnvBuffers buffers(spec);
  const bool is_double = arguments.precision == "double";
  Recording recording(*env, actions.shape[0], is_double);
  reset(*env, arguments, buffers);
  const std::vector<double> values = actions.values<double>();
  for (std::size_t at = 0; at < values.size(); at += buffers.action.size()) {
    std::transform(values.data() + at, values.data() + at + buffers.action.size(),
                   buffers.action.begin(), [](double x) { return static_cast<float>(x); });
    if (is_double) {
      recording.set_action(*env, values.data() + at);
    }
    env->step(buffers.action_view(), buffers.views);
    recording.append(buffers);
  }
  files::save_npz(arguments.out, recording.fields());
  fmt::print("{}: {} steps of {} envs, state {}\n", arguments.out, actions.shape[0], spec.num_envs,
             arguments.state.empty() ? "drawn from seed " + std::to_string(arguments.seed)
                                     : "from " + arguments.state);
  return 0;
}

}  // namespace fleet
