#include "apps/bench/bench_scene.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "apps/session.h"
#include "apps/user_error.h"
#include "cuda/philox.h"

namespace fleet {
namespace {

constexpr double kFileReach = 0.3;           // rad, around a keyframe's targets
constexpr double kFileControlPeriod = 0.02;  // s

int find_root_height(const mjModel& model) {
  const bool is_free = model.njnt > 0 && model.jnt_type[0] == mjJNT_FREE;
  return is_free ? model.jnt_qposadr[0] + 2 : -1;
}

std::vector<double> state_of(const mjModel& model, const mjData& data) {
  std::vector<double> state(static_cast<std::size_t>(mj_stateSize(&model, mjSTATE_INTEGRATION)));
  mj_getState(&model, &data, state.data(), mjSTATE_INTEGRATION);
  return state;
}

/// Low, or lying on its back.
bool has_fallen(const Scene& scene, const double* qpos, const double* start_qpos) {
  const int z = scene.root_height;
  if (z < 0) {
    return false;
  }
  const double* const quat = qpos + z + 1;
  const double up = 1.0 - 2.0 * (quat[1] * quat[1] + quat[2] * quat[2]);
  return !(qpos[z] > 0.5 * start_qpos[z]) || !(up > 0.0);
}

}  // namespace

int state_offset(const mjModel& model, int component) {
  return static_cast<int>(mj_stateSize(&model, mjSTATE_INTEGRATION & (component - 1)));
}

Scene scene_of_task(const envs::EnvConfig& config) {
  envs::EnvConfig one = config;
  one.options.num_envs = one.options.num_threads = 1;
  const auto env = build_env(one);
  std::vector<std::vector<float>> rows;
  envs::StepBuffers out;
  for (const ObservationGroup& group : env->spec().observations) {
    rows.emplace_back(static_cast<std::size_t>(group.dim()));
    out.observation.emplace_back(rows.back().data(), 1, group.dim());
  }
  env->reset(0, out);
  Scene scene;
  scene.model = envs::make_model(config, root_folder() + "/third_party");
  const PolicyContract& contract = env->spec().contract;
  scene.substeps =
      static_cast<int>(std::lround(env->spec().control_period / scene.model->opt.timestep));
  for (const Field& field : env->state()) {
    if (field.name == "env/physics") {
      const auto* const first = reinterpret_cast<const double*>(field.data);
      scene.start.assign(first, first + field.row_size());
    }
  }
  scene.ctrl_center = contract.action_offset;
  scene.ctrl_reach = contract.action_scale;
  scene.root_height = find_root_height(*scene.model);
  return scene;
}

Scene scene_of_file(const std::string& file) {
  sim::initialise_mujoco();
  Scene scene;
  try {
    scene.model = sim::load_model(file);
  } catch (const std::runtime_error& error) {
    throw UserError(error.what());
  }
  const mjModel& model = *scene.model;
  const sim::DataPtr data = sim::make_data(model);
  if (model.nkey > 0) {
    mj_resetDataKeyframe(&model, data.get(), 0);
  }
  scene.substeps =
      std::max(1, static_cast<int>(std::lround(kFileControlPeriod / model.opt.timestep)));
  scene.start = state_of(model, *data);
  scene.ctrl_center.assign(data->ctrl, data->ctrl + model.nu);
  scene.ctrl_reach.assign(scene.ctrl_center.size(), kFileReach);
  scene.root_height = find_root_height(model);
  return scene;
}

void start(const Scene& scene, sim::Batch& batch) {
  for (int world = 0; world < batch.num_worlds(); ++world) {
    std::ranges::copy(scene.start, batch.state_row(world).begin());
  }
}

void drive(const Scene& scene, sim::Batch& batch, std::uint64_t seed, int step) {
  const int qpos = state_offset(*scene.model, mjSTATE_QPOS);
  const int ctrl = state_offset(*scene.model, mjSTATE_CTRL);
  for (int world = 0; world < batch.num_worlds(); ++world) {
    double* const row = batch.state_row(world).data();
    if (has_fallen(scene, row + qpos, scene.start.data() + qpos)) {
      std::ranges::copy(scene.start, row);
    }
    Random random(seed, static_cast<std::uint32_t>(world), 0, static_cast<std::uint32_t>(step),
                  static_cast<std::uint32_t>(Purpose::kPolicy));
    for (std::size_t k = 0; k < scene.ctrl_center.size(); ++k) {
      row[static_cast<std::size_t>(ctrl) + k] =
          scene.ctrl_center[k] + scene.ctrl_reach[k] * random.uniform(-1.0, 1.0);
    }
  }
}

void step_as_envs_do(const Scene& scene, sim::Batch& batch) {
  auto step = [&](const mjModel* m, mjData* d, int /*world*/) {
    for (int substep = 0; substep < scene.substeps; ++substep) {
      mj_step(m, d);
    }
    mj_kinematics(m, d);
    mj_comPos(m, d);
    mj_comVel(m, d);
    mj_sensorVel(m, d);
  };
  batch.apply({}, step);
}

}  // namespace fleet
