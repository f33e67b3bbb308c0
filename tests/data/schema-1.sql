BEGIN TRANSACTION;
CREATE TABLE attempts (
	sweep_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	owner TEXT NOT NULL, 
	started_at FLOAT NOT NULL, 
	ended_at FLOAT, 
	outcome TEXT, 
	note TEXT NOT NULL, 
	PRIMARY KEY (sweep_id, number, attempt), 
	FOREIGN KEY(sweep_id, number) REFERENCES trials (sweep_id, number)
)
 WITHOUT ROWID

;
INSERT INTO "attempts" VALUES(1,0,1,'vm-30892-0',1.79556634161268973345e+09,1.79556634165052628518e+09,'{"state":"completed","values":[0.5118216247002567],"metrics":{"loss":0.5118216247002567},"reason":"","error":null,"failed":false,"resume":false,"exit_code":null}','');
INSERT INTO "attempts" VALUES(1,1,1,'vm-30892-0',1.79556634165396308898e+09,1.79556634166302561761e+09,'{"state":"completed","values":[0.33187239186810047],"metrics":{"loss":0.33187239186810047},"reason":"","error":null,"failed":false,"resume":false,"exit_code":null}','');
INSERT INTO "attempts" VALUES(1,2,1,'vm-30892-0',1.79556634166586279871e+09,1.79556634167090225216e+09,'{"state":"failed","values":[],"metrics":{"loss":0.948415143332272},"reason":"it broke","error":"it broke","failed":true,"resume":false,"exit_code":null}','');
INSERT INTO "attempts" VALUES(1,3,1,'vm-30892-0',1.79556634167829275126e+09,1.79556634168700528144e+09,'{"state":"completed","values":[0.01406863877696618],"metrics":{"loss":0.01406863877696618},"reason":"","error":null,"failed":false,"resume":false,"exit_code":null}','');
INSERT INTO "attempts" VALUES(1,4,1,'vm-30892-0',1.7955663416899776459e+09,NULL,NULL,'');
CREATE TABLE reports (
	sweep_id INTEGER NOT NULL, 
	seq BIGINT NOT NULL, 
	place INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	step FLOAT NOT NULL, 
	metrics TEXT NOT NULL, 
	at FLOAT NOT NULL, 
	PRIMARY KEY (sweep_id, seq, place), 
	FOREIGN KEY(sweep_id, number) REFERENCES trials (sweep_id, number)
)
 WITHOUT ROWID

;
INSERT INTO "reports" VALUES(1,3,0,0,1,1.0,'{"loss":1.5118216247002567}',1.79556634164325165745e+09);
INSERT INTO "reports" VALUES(1,4,0,0,1,2.0,'{"loss":1.0118216247002567}',1.79556634164456129076e+09);
INSERT INTO "reports" VALUES(1,8,0,1,1,1.0,'{"loss":1.3318723918681004}',1.79556634166171073915e+09);
INSERT INTO "reports" VALUES(1,9,0,1,1,2.0,'{"loss":0.8318723918681005}',1.79556634166234493259e+09);
INSERT INTO "reports" VALUES(1,13,0,2,1,1.0,'{"loss":1.448415143332272}',1.79556634166969513897e+09);
INSERT INTO "reports" VALUES(1,14,0,2,1,2.0,'{"loss":0.948415143332272}',1.79556634167024135591e+09);
INSERT INTO "reports" VALUES(1,18,0,3,1,1.0,'{"loss":1.0140686387769662}',1.79556634168567943576e+09);
INSERT INTO "reports" VALUES(1,19,0,3,1,2.0,'{"loss":0.5140686387769662}',1.79556634168631029128e+09);
CREATE TABLE schema_version (
	version INTEGER NOT NULL
);
INSERT INTO "schema_version" VALUES(1);
CREATE TABLE sweeps (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	name TEXT NOT NULL, 
	spec TEXT NOT NULL, 
	seed TEXT NOT NULL, 
	status TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	created_at FLOAT NOT NULL, 
	next_number INTEGER NOT NULL, 
	seq BIGINT NOT NULL, 
	UNIQUE (name)
);
INSERT INTO "sweeps" VALUES(1,'old','{"method":"random","metric":{"name":"loss","goal":"minimize"},"parameters":{"x":{"distribution":"uniform","min":0.0,"max":1.0},"kind":{"values":["a","b"]}},"run_cap":6,"seed":1}','1','running','',1.79556634159739470476e+09,5,22);
CREATE TABLE trials (
	sweep_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	params TEXT, 
	origin TEXT NOT NULL, 
	"key" TEXT, 
	budget BIGINT, 
	attempt INTEGER NOT NULL, 
	base_attempt INTEGER NOT NULL, 
	failures INTEGER NOT NULL, 
	next_step FLOAT NOT NULL, 
	resume BOOLEAN NOT NULL, 
	cancel_requested BOOLEAN NOT NULL, 
	"values" TEXT NOT NULL, 
	metrics TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	error TEXT, 
	owner TEXT, 
	host TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	pid_start TEXT NOT NULL, 
	boot_id TEXT NOT NULL, 
	beat BIGINT NOT NULL, 
	started_at FLOAT, 
	ended_at FLOAT, 
	seq BIGINT NOT NULL, 
	PRIMARY KEY (sweep_id, number), 
	FOREIGN KEY(sweep_id) REFERENCES sweeps (id)
);
INSERT INTO "trials" VALUES(1,0,'completed','{"x":0.5118216247002567,"kind":"b"}','["random","random draw",{}]',NULL,NULL,1,1,0,3.0,0,0,'[0.5118216247002567]','{"loss":0.5118216247002567}','',NULL,'vm-30892-0','vm 3d1219c7c4c5',30892,'4026531836:1285015','6ac29491-e5b9-4e84-810b-26559c47f9e1',2,1.79556634161268973345e+09,1.79556634165052628518e+09,5);
INSERT INTO "trials" VALUES(1,1,'completed','{"x":0.33187239186810047,"kind":"b"}','["random","random draw",{}]',NULL,NULL,1,1,0,3.0,0,0,'[0.33187239186810047]','{"loss":0.33187239186810047}','',NULL,'vm-30892-0','vm 3d1219c7c4c5',30892,'4026531836:1285015','6ac29491-e5b9-4e84-810b-26559c47f9e1',2,1.79556634165396308898e+09,1.79556634166302561761e+09,10);
INSERT INTO "trials" VALUES(1,2,'failed','{"x":0.44841514333227195,"kind":"a"}','["random","random draw",{}]',NULL,NULL,1,1,1,3.0,0,0,'[]','{"loss":0.948415143332272}','it broke','it broke','vm-30892-0','vm 3d1219c7c4c5',30892,'4026531836:1285015','6ac29491-e5b9-4e84-810b-26559c47f9e1',2,1.79556634166586279871e+09,1.79556634167090225216e+09,15);
INSERT INTO "trials" VALUES(1,3,'completed','{"x":0.01406863877696618,"kind":"a"}','["random","random draw",{}]',NULL,NULL,1,1,0,3.0,0,0,'[0.01406863877696618]','{"loss":0.01406863877696618}','',NULL,'vm-30892-0','vm 3d1219c7c4c5',30892,'4026531836:1285015','6ac29491-e5b9-4e84-810b-26559c47f9e1',2,1.79556634167829275126e+09,1.79556634168700528144e+09,20);
INSERT INTO "trials" VALUES(1,4,'running','{"x":0.39482515435746646,"kind":"b"}','["random","random draw",{}]',NULL,NULL,1,1,0,1.0,0,0,'[]','{}','',NULL,'vm-30892-0','vm 3d1219c7c4c5',30892,'4026531836:1285015','6ac29491-e5b9-4e84-810b-26559c47f9e1',0,1.7955663416899776459e+09,NULL,22);
CREATE INDEX trials_by_seq ON trials (sweep_id, seq);
CREATE UNIQUE INDEX trials_by_key ON trials (sweep_id, "key") WHERE key IS NOT NULL;
CREATE INDEX trials_by_state ON trials (sweep_id, state, number);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('sweeps',1);
COMMIT;
