#include "sim/physics_actuation.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "sim/physics_append.h"

namespace fleet::sim {
namespace {

/// The joints of a fixed tendon in the order of their dofs.
template <class T>
void add_path(const mjModel& m, int tendon, physics::PhysicsModel<T>& p) {
  std::vector<int> path(m.tendon_num[tendon]);
  std::iota(path.begin(), path.end(), m.tendon_adr[tendon]);
  const auto dof = [&](int wrap) { return m.jnt_dofadr[m.wrap_objid[wrap]]; };
  std::sort(path.begin(), path.end(), [&](int a, int b) { return dof(a) < dof(b); });
  for (const int wrap : path) {
    p.wrap_dof.push_back(dof(wrap));
    p.wrap_qpos.push_back(m.jnt_qposadr[m.wrap_objid[wrap]]);
    p.wrap_coef.push_back(static_cast<T>(m.wrap_prm[wrap]));
  }
}

template <class T>
void add_tendons(const mjModel& m, physics::PhysicsModel<T>& p) {
  append(p.tendon_adr, m.tendon_adr, m.ntendon);
  append(p.tendon_num, m.tendon_num, m.ntendon);
  for (int i = 0; i < m.ntendon; ++i) {
    add_path(m, i, p);
  }
  append(p.tendon_limited, m.tendon_limited, m.ntendon);
  append(p.tendon_actfrclimited, m.tendon_actfrclimited, m.ntendon);
  append(p.tendon_range, m.tendon_range, 2 * m.ntendon);
  append(p.tendon_margin, m.tendon_margin, m.ntendon);
  append(p.tendon_solref_lim, m.tendon_solref_lim, mjNREF * m.ntendon);
  append(p.tendon_solimp_lim, m.tendon_solimp_lim, mjNIMP * m.ntendon);
  append(p.tendon_frictionloss, m.tendon_frictionloss, m.ntendon);
  append(p.tendon_solref_fri, m.tendon_solref_fri, mjNREF * m.ntendon);
  append(p.tendon_solimp_fri, m.tendon_solimp_fri, mjNIMP * m.ntendon);
  append(p.tendon_stiffness, m.tendon_stiffness, m.ntendon);
  append(p.tendon_damping, m.tendon_damping, m.ntendon);
  append(p.tendon_lengthspring, m.tendon_lengthspring, 2 * m.ntendon);
  append(p.tendon_armature, m.tendon_armature, m.ntendon);
  append(p.tendon_invweight0, m.tendon_invweight0, m.ntendon);
  append(p.tendon_actfrcrange, m.tendon_actfrcrange, 2 * m.ntendon);
}

/// How each dof changes a coupled length.
template <class T>
std::vector<T> length_gradient(const physics::PhysicsModel<T>& p, bool of_tendon, int id) {
  std::vector<T> gradient(static_cast<std::size_t>(p.nv));
  if (of_tendon) {
    for (int w = p.tendon_adr[id]; w < p.tendon_adr[id] + p.tendon_num[id]; ++w) {
      gradient[p.wrap_dof[w]] += p.wrap_coef[w];
    }
  } else if (id >= 0) {
    gradient[p.jnt_dofadr[id]] = T(1);
  }
  return gradient;
}

/// The equality constraints of joints and tendons that are active.
template <class T>
void add_couplings(const mjModel& m, physics::PhysicsModel<T>& p) {
  const bool off = (m.opt.disableflags & (mjDSBL_EQUALITY | mjDSBL_CONSTRAINT)) != 0;
  for (mjtSize i = 0; i < m.neq && !off; ++i) {
    if (!m.eq_active0[i]) {
      continue;
    }
    physics::Coupling<T> e;
    e.of_tendons = m.eq_type[i] == mjEQ_TENDON;
    e.id1 = m.eq_obj1id[i];
    e.id2 = m.eq_obj2id[i];
    const auto rest = [&](int id) {
      return id < 0 ? 0.0 : e.of_tendons ? m.tendon_length0[id] : m.qpos0[m.jnt_qposadr[id]];
    };
    e.rest1 = static_cast<T>(rest(e.id1));
    e.rest2 = static_cast<T>(rest(e.id2));
    copy_array(e.polycoef, m.eq_data + mjNEQDATA * i);
    copy_array(e.solref, m.eq_solref + mjNREF * i);
    copy_array(e.solimp, m.eq_solimp + mjNIMP * i);
    const std::vector<T> first = length_gradient(p, e.of_tendons, e.id1);
    const std::vector<T> second = length_gradient(p, e.of_tendons && e.id2 >= 0, e.id2);
    e.column_adr = static_cast<int>(p.coupling_columns.size());
    for (int dof = 0; dof < p.nv; ++dof) {
      if (first[dof] != 0 || second[dof] != 0) {
        p.coupling_columns.push_back(dof);
        p.coupling_coef1.push_back(first[dof]);
        p.coupling_coef2.push_back(second[dof]);
        ++e.num_columns;
      }
    }
    p.couplings.push_back(e);
  }
}

/// The dofs that an actuator can move, ascending.
template <class T>
std::vector<int> moved_dofs(const physics::PhysicsModel<T>& p, int actuator) {
  std::vector<int> dofs;
  const int id = p.actuator_trnid[actuator];
  switch (static_cast<physics::Transmission>(p.actuator_trntype[actuator])) {
    case physics::Transmission::kJoint:
      dofs.push_back(p.jnt_dofadr[id]);
      break;
    case physics::Transmission::kTendon:
      dofs.assign(p.wrap_dof.begin() + p.tendon_adr[id],
                  p.wrap_dof.begin() + p.tendon_adr[id] + p.tendon_num[id]);
      break;
    case physics::Transmission::kSite:
      for (int i = p.body_lastdof[p.site_bodyid[id]]; i >= 0; i = p.dof_parentid[i]) {
        dofs.push_back(i);
      }
      break;
  }
  std::sort(dofs.begin(), dofs.end());
  return dofs;
}

physics::Transmission transmission_of(int type) {
  return type == mjTRN_TENDON ? physics::Transmission::kTendon
         : type == mjTRN_SITE ? physics::Transmission::kSite
                              : physics::Transmission::kJoint;
}

template <class T>
void add_actuators(const mjModel& m, physics::PhysicsModel<T>& p) {
  p.moment_rowadr.push_back(0);
  for (int i = 0; i < m.nactuator; ++i) {
    p.actuator_trntype.push_back(static_cast<int>(transmission_of(m.actuator_trntype[i])));
    p.actuator_trnid.push_back(m.actuator_trnid[2 * i]);
    p.actuator_trnid2.push_back(m.actuator_trnid[2 * i + 1]);
    append(p.moment_colind, moved_dofs(p, i).data(), static_cast<mjtSize>(moved_dofs(p, i).size()));
    p.moment_rowadr.push_back(static_cast<int>(p.moment_colind.size()));
    append(p.actuator_dynprm, m.actuator_dynprm + mjNDYN * i, 1);
    const T tau = std::max(p.actuator_dynprm.back(), T(1e-15));
    p.actuator_exact_step.push_back(tau * (1 - std::exp(-p.timestep / tau)));
  }
  append(p.actuator_dyntype, m.actuator_dyntype, m.nu);  // these three in MuJoCo's order
  append(p.actuator_gaintype, m.actuator_gaintype, m.nu);
  append(p.actuator_biastype, m.actuator_biastype, m.nu);
  append(p.actuator_actadr, m.actuator_actadr, m.nu);
  append(p.actuator_ctrllimited, m.actuator_ctrllimited, m.nu);
  append(p.actuator_forcelimited, m.actuator_forcelimited, m.nu);
  append(p.actuator_actlimited, m.actuator_actlimited, m.nu);
  append(p.actuator_actearly, m.actuator_actearly, m.nu);
  append(p.actuator_gear, m.actuator_gear, 6 * m.nu);
  append(p.actuator_ctrlrange, m.actuator_ctrlrange, 2 * m.nu);
  append(p.actuator_actrange, m.actuator_actrange, 2 * m.nu);
  append(p.actuator_forcerange, m.actuator_forcerange, 2 * m.nu);
}

}  // namespace

template <class T>
void add_actuation(const mjModel& model, physics::PhysicsModel<T>& physics) {
  add_tendons(model, physics);
  add_couplings(model, physics);
  add_actuators(model, physics);
}

template void add_actuation(const mjModel&, physics::PhysicsModel<float>&);
template void add_actuation(const mjModel&, physics::PhysicsModel<double>&);

}  // namespace fleet::sim
