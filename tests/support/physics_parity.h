#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

#include <mujoco/mujoco.h>

#include "cuda/physics/data.h"

// The pack engine in double beside MuJoCo: random states and inputs, and how far results differ.

namespace fleet::testing {

/// Writes a random state. Free bodies are low enough to touch the ground, hinges and slides
/// anywhere within and a little beyond their limits; every third state is slow.
inline void randomise_state(const mjModel& m, mjData& d, std::mt19937_64& random) {
  const auto uniform = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  std::normal_distribution<double> normal;
  mj_resetData(&m, &d);
  for (int j = 0; j < m.njnt; ++j) {
    double* const q = &d.qpos[m.jnt_qposadr[j]];
    const bool free = m.jnt_type[j] == mjJNT_FREE;
    for (int k = 0; free && k < 3; ++k) {
      q[k] = k < 2 ? uniform(-1.0, 1.0) : q[2] * uniform(0.2, 1.1);
    }
    if (free || m.jnt_type[j] == mjJNT_BALL) {
      double* const quat = free ? q + 3 : q;
      const double tilt = uniform(0.0, 1.0) < 0.5 ? 0.2 : 2.0;
      for (int k = 0; k < 4; ++k) {
        quat[k] += tilt * normal(random);
      }
      mju_normalize4(quat);
      continue;
    }
    const bool limited = m.jnt_limited[j] != 0;
    const double low = limited ? m.jnt_range[2 * j] : q[0] - 1.0;
    const double high = limited ? m.jnt_range[2 * j + 1] : q[0] + 1.0;
    q[0] = low + (high - low) * uniform(-0.05, 1.05);
  }
  const double speed = uniform(0.0, 1.0) < 0.33 ? 0.1 : 3.0;
  for (int i = 0; i < m.nv; ++i) {
    d.qvel[i] = speed * normal(random);
    d.qacc_warmstart[i] = 10.0 * normal(random);
  }
  for (int u = 0; u < m.nu; ++u) {
    const bool limited = m.actuator_ctrllimited[u] != 0;
    const double low = limited ? m.actuator_ctrlrange[2 * u] : -1.0;
    const double high = limited ? m.actuator_ctrlrange[2 * u + 1] : 1.0;
    d.ctrl[u] = low + (high - low) * uniform(-0.1, 1.1);
  }
  for (int a = 0; a < m.na; ++a) {
    d.act[a] = uniform(-1.0, 1.0);
  }
}

/// Applies random forces to dofs and bodies.
inline void apply_forces(const mjModel& m, mjData& d, std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  std::generate_n(d.qfrc_applied, m.nv, [&] { return normal(random); });
  std::generate_n(d.xfrc_applied + 6, 6 * (m.nbody - 1), [&] { return normal(random); });
}

/// The same state and inputs for the engine.
template <class R>
void load_state(const mjModel& m, const mjData& from, physics::PhysicsData<R>& to) {
  const auto copy = [](const mjtNum* numbers, mjtSize count, physics::Array<R>& array) {
    std::transform(numbers, numbers + count, array.begin(),
                   [](mjtNum x) { return static_cast<R>(x); });
  };
  copy(from.qpos, m.nq, to.qpos);
  copy(from.qvel, m.nv, to.qvel);
  copy(from.act, m.na, to.act);
  copy(from.ctrl, m.nu, to.ctrl);
  copy(from.qacc_warmstart, m.nv, to.qacc_warmstart);
  copy(from.qfrc_applied, m.nv, to.qfrc_applied);
  copy(from.xfrc_applied, 6 * m.nbody, to.xfrc_applied);
  to.has_applied = true;
}

/// The largest difference of two arrays over the largest magnitude of the first.
inline double relative_error(const double* expected, const double* actual, std::int64_t count) {
  double scale = 0.0;
  double worst = 0.0;
  for (std::int64_t i = 0; i < count; ++i) {
    scale = std::max(scale, std::abs(expected[i]));
    const double error = std::abs(expected[i] - actual[i]);
    worst = error <= worst ? worst : error;  // a NaN counts
  }
  return scale > 0.0 ? worst / scale : worst;
}

}  // namespace fleet::testing
