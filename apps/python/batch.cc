#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "apps/run_config.h"
#include "apps/session.h"
#include "envs/batch_env.h"
#include "envs/env_buffers.h"

namespace nb = nanobind;

namespace fleet {
namespace {

/// Seen by Python as arrays of the batch's own memory, which each step overwrites.
using Matrix = nb::ndarray<nb::numpy, float, nb::ndim<2>, nb::c_contig>;
using Floats = nb::ndarray<nb::numpy, float, nb::ndim<1>, nb::c_contig>;
using Flags = nb::ndarray<nb::numpy, bool, nb::ndim<1>, nb::c_contig>;
using Actions = nb::ndarray<const float, nb::ndim<2>, nb::c_contig, nb::device::cpu>;

/// A batch of envs with the memory that its steps write to.
class Batch {
 public:
  /// @param settings "key.path=value", as on the command line
  Batch(const std::string& task, const std::vector<std::string>& settings)
      : env_(build_env(load_run_config(task, {.assignments = settings, .task_only = true}).env)), buffers_(env_->spec()) {}

  const envs::EnvSpec& spec() const { return env_->spec(); }

  void reset(std::uint64_t seed) { env_->reset(seed, buffers_.views); }

  void step(Actions action) {
    // Checked by the env against (num_rows, action_dim).
    env_->step({action.data(), static_cast<int>(action.shape(0)), static_cast<int>(action.shape(1))},
               buffers_.views);
  }

  Matrix observation(std::size_t group) const {
    return matrix(buffers_.views.observation.at(group));
  }
  Matrix final_observation(std::size_t group) const {
    return matrix(buffers_.views.final_observation.at(group));
  }
  Floats reward() { return {buffers_.reward.data(), {buffers_.reward.size()}, nb::handle()}; }
  Flags terminated() { return flags(buffers_.terminated); }
  Flags truncated() { return flags(buffers_.truncated); }

  nb::dict take_statistics() {
    const envs::Statistics sums = env_->take_statistics();
    nb::dict out;
    out["episodes"] = sums.episodes;
    out["return_sum"] = sums.return_sum;
    out["length_sum"] = sums.length_sum;
    out["truncations"] = sums.truncations;
    out["divergences"] = sums.divergences;
    out["clipped"] = sums.clipped;
    out["action_components"] = sums.action_components;
    out["reward_sums"] = named(spec().reward_terms, sums.reward_sums);
    out["termination_counts"] = named(spec().termination_terms, sums.termination_counts);
    return out;
  }

 private:
  static Matrix matrix(BatchView<float> view) {
    return {view.data(),
            {static_cast<std::size_t>(view.num_rows()), static_cast<std::size_t>(view.num_columns())},
            nb::handle()};
  }
  static Flags flags(std::vector<std::uint8_t>& values) {
    static_assert(sizeof(bool) == sizeof(std::uint8_t));
    return {values.data(), {values.size()}, nb::handle()};
  }
  static nb::dict named(const std::vector<std::string>& names, const std::vector<double>& values) {
    nb::dict out;
    for (std::size_t i = 0; i < names.size(); ++i) {
      out[names[i].c_str()] = values[i];
    }
    return out;
  }

  std::unique_ptr<envs::BatchEnv> env_;
  envs::EnvBuffers buffers_;
};

/// Per group its name and its terms, each (name, dim).
nb::list groups_of(const Batch& batch) {
  nb::list out;
  for (const ObservationGroup& group : batch.spec().observations) {
    nb::list terms;
    for (const ObservationTerm& term : group.terms) {
      terms.append(nb::make_tuple(term.name, term.dim));
    }
    out.append(nb::make_tuple(group.name, terms));
  }
  return out;
}

/// What the program prints in one line and ends with 2 for is a ValueError here.
void translate(const std::exception_ptr& error, void* /*unused*/) {
  try {
    std::rethrow_exception(error);
  } catch (const nb::builtin_exception&) {
    throw;
  } catch (const std::runtime_error& refused) {
    PyErr_SetString(PyExc_ValueError, refused.what());
  }
}

}  // namespace
}  // namespace fleet

NB_MODULE(_batch, module) {
  using fleet::Batch;
  nb::register_exception_translator(fleet::translate);
  const auto released = nb::call_guard<nb::gil_scoped_release>();
  const auto spec = [](auto member) {
    return [member](const Batch& batch) { return batch.spec().*member; };
  };
  using fleet::envs::EnvSpec;
  nb::class_<Batch>(module, "Batch")
      .def(nb::init<const std::string&, const std::vector<std::string>&>(), nb::arg("task"),
           nb::arg("settings"))
      .def("reset", &Batch::reset, nb::arg("seed"), released)
      .def("step", &Batch::step, nb::arg("action"), released)
      .def("observation", &Batch::observation, nb::rv_policy::reference_internal)
      .def("final_observation", &Batch::final_observation, nb::rv_policy::reference_internal)
      .def_prop_ro("reward", &Batch::reward, nb::rv_policy::reference_internal)
      .def_prop_ro("terminated", &Batch::terminated, nb::rv_policy::reference_internal)
      .def_prop_ro("truncated", &Batch::truncated, nb::rv_policy::reference_internal)
      .def("take_statistics", &Batch::take_statistics)
      .def_prop_ro("groups", fleet::groups_of)
      .def_prop_ro("num_envs", spec(&EnvSpec::num_envs))
      .def_prop_ro("num_players", spec(&EnvSpec::num_players))
      .def_prop_ro("action_dim", spec(&EnvSpec::action_dim))
      .def_prop_ro("action_bound", spec(&EnvSpec::action_bound))
      .def_prop_ro("control_period", spec(&EnvSpec::control_period))
      .def_prop_ro("max_episode_steps", spec(&EnvSpec::max_episode_steps));
  module.def("task_names", fleet::task_names);
}
