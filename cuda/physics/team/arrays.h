#pragma once

#include "cuda/physics/model.h"
#include "cuda/physics/team/plan.h"

// Every array of a model, of a plan: what copying, moving and saving them walks along.

namespace fleet::physics {

/// Calls f(array of a, the same array of b) for two PhysicsModels.
void zip_model_arrays(auto& a, auto& b, auto&& f) {
  f(a.body_parentid, b.body_parentid);
  f(a.body_rootid, b.body_rootid);
  f(a.body_jntnum, b.body_jntnum);
  f(a.body_jntadr, b.body_jntadr);
  f(a.body_dofnum, b.body_dofnum);
  f(a.body_dofadr, b.body_dofadr);
  f(a.body_lastdof, b.body_lastdof);
  f(a.body_pos, b.body_pos);
  f(a.body_quat, b.body_quat);
  f(a.body_gravcomp, b.body_gravcomp);
  f(a.fluid_bodies, b.fluid_bodies);
  f(a.free_bodies, b.free_bodies);
  f(a.jnt_type, b.jnt_type);
  f(a.jnt_qposadr, b.jnt_qposadr);
  f(a.jnt_dofadr, b.jnt_dofadr);
  f(a.jnt_bodyid, b.jnt_bodyid);
  f(a.jnt_limited, b.jnt_limited);
  f(a.jnt_actfrclimited, b.jnt_actfrclimited);
  f(a.jnt_actgravcomp, b.jnt_actgravcomp);
  f(a.jnt_pos, b.jnt_pos);
  f(a.jnt_axis, b.jnt_axis);
  f(a.jnt_stiffness, b.jnt_stiffness);
  f(a.jnt_range, b.jnt_range);
  f(a.jnt_actfrcrange, b.jnt_actfrcrange);
  f(a.jnt_margin, b.jnt_margin);
  f(a.jnt_solref, b.jnt_solref);
  f(a.jnt_solimp, b.jnt_solimp);
  f(a.qpos0, b.qpos0);
  f(a.qpos_spring, b.qpos_spring);
  f(a.dof_bodyid, b.dof_bodyid);
  f(a.dof_jntid, b.dof_jntid);
  f(a.dof_parentid, b.dof_parentid);
  f(a.dof_free, b.dof_free);
  f(a.dof_index, b.dof_index);
  f(a.dof_solref, b.dof_solref);
  f(a.dof_solimp, b.dof_solimp);
  f(a.dof_has_frictionloss, b.dof_has_frictionloss);
  f(a.M_rownnz, b.M_rownnz);
  f(a.M_rowadr, b.M_rowadr);
  f(a.M_colind, b.M_colind);
  f(a.geom_type, b.geom_type);
  f(a.geom_bodyid, b.geom_bodyid);
  f(a.geom_pos, b.geom_pos);
  f(a.geom_quat, b.geom_quat);
  f(a.geom_size, b.geom_size);
  f(a.geom_rbound, b.geom_rbound);
  f(a.site_bodyid, b.site_bodyid);
  f(a.site_type, b.site_type);
  f(a.site_pos, b.site_pos);
  f(a.site_quat, b.site_quat);
  f(a.site_size, b.site_size);
  f(a.tendon_adr, b.tendon_adr);
  f(a.tendon_num, b.tendon_num);
  f(a.wrap_dof, b.wrap_dof);
  f(a.wrap_qpos, b.wrap_qpos);
  f(a.wrap_coef, b.wrap_coef);
  f(a.tendon_limited, b.tendon_limited);
  f(a.tendon_actfrclimited, b.tendon_actfrclimited);
  f(a.tendon_range, b.tendon_range);
  f(a.tendon_margin, b.tendon_margin);
  f(a.tendon_solref_lim, b.tendon_solref_lim);
  f(a.tendon_solimp_lim, b.tendon_solimp_lim);
  f(a.tendon_frictionloss, b.tendon_frictionloss);
  f(a.tendon_solref_fri, b.tendon_solref_fri);
  f(a.tendon_solimp_fri, b.tendon_solimp_fri);
  f(a.tendon_stiffness, b.tendon_stiffness);
  f(a.tendon_damping, b.tendon_damping);
  f(a.tendon_lengthspring, b.tendon_lengthspring);
  f(a.tendon_armature, b.tendon_armature);
  f(a.tendon_invweight0, b.tendon_invweight0);
  f(a.tendon_actfrcrange, b.tendon_actfrcrange);
  f(a.actuator_trntype, b.actuator_trntype);
  f(a.actuator_trnid, b.actuator_trnid);
  f(a.actuator_trnid2, b.actuator_trnid2);
  f(a.actuator_dyntype, b.actuator_dyntype);
  f(a.actuator_gaintype, b.actuator_gaintype);
  f(a.actuator_biastype, b.actuator_biastype);
  f(a.actuator_actadr, b.actuator_actadr);
  f(a.actuator_ctrllimited, b.actuator_ctrllimited);
  f(a.actuator_forcelimited, b.actuator_forcelimited);
  f(a.actuator_actlimited, b.actuator_actlimited);
  f(a.actuator_actearly, b.actuator_actearly);
  f(a.actuator_gear, b.actuator_gear);
  f(a.actuator_ctrlrange, b.actuator_ctrlrange);
  f(a.actuator_actrange, b.actuator_actrange);
  f(a.actuator_dynprm, b.actuator_dynprm);
  f(a.actuator_forcerange, b.actuator_forcerange);
  f(a.actuator_exact_step, b.actuator_exact_step);
  f(a.moment_rowadr, b.moment_rowadr);
  f(a.moment_colind, b.moment_colind);
  f(a.pairs, b.pairs);
  f(a.pair_bounds, b.pair_bounds);
  f(a.pair_columns, b.pair_columns);
  f(a.pair_signs, b.pair_signs);
  f(a.couplings, b.couplings);
  f(a.coupling_columns, b.coupling_columns);
  f(a.coupling_coef1, b.coupling_coef1);
  f(a.coupling_coef2, b.coupling_coef2);
  f(a.sensor_type, b.sensor_type);
  f(a.sensor_stage, b.sensor_stage);
  f(a.sensor_objtype, b.sensor_objtype);
  f(a.sensor_objid, b.sensor_objid);
  f(a.sensor_reftype, b.sensor_reftype);
  f(a.sensor_refid, b.sensor_refid);
  f(a.sensor_dim, b.sensor_dim);
  f(a.sensor_adr, b.sensor_adr);
  f(a.sensor_intprm, b.sensor_intprm);
  f(a.sensor_cutoff, b.sensor_cutoff);
  f(a.sensor_positive, b.sensor_positive);
  f(a.sensor_match_adr, b.sensor_match_adr);
  f(a.sensor_match, b.sensor_match);
}

/// The same for two TeamPlans.
void zip_plan_arrays(auto& a, auto& b, auto&& f) {
  f(a.level_adr, b.level_adr);
  f(a.level_body, b.level_body);
  f(a.child_adr, b.child_adr);
  f(a.child, b.child);
  f(a.chain_adr, b.chain_adr);
  f(a.chain_dof, b.chain_dof);
  f(a.rank_adr, b.rank_adr);
  f(a.rank_dof, b.rank_dof);
  f(a.below_adr, b.below_adr);
  f(a.below_row, b.below_row);
  f(a.below_entry, b.below_entry);
  f(a.actuator_group_adr, b.actuator_group_adr);
  f(a.actuator_group, b.actuator_group);
  f(a.tendon_group_adr, b.tendon_group_adr);
  f(a.tendon_group, b.tendon_group);
}

}  // namespace fleet::physics
